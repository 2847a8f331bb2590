"""`python -m wgsl_ls`: the same as `wgsl-ls`, where that is not on the path."""

import sys

from wgsl_ls.cli.main import main

sys.exit(main())
