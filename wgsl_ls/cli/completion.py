"""`wgsl-ls completion SHELL`: what makes a shell complete subcommands, options and their values. argcomplete does it:
the shell asks this program at each tab, so what it offers is never older than the program."""

from __future__ import annotations

import argparse
import sys

from argcomplete.shell_integration import shellcode

EXAMPLES = """\
wgsl-ls completion bash    # in ~/.bashrc: eval "$(wgsl-ls completion bash)"
wgsl-ls completion zsh     # in ~/.zshrc, after compinit: eval "$(wgsl-ls completion zsh)"
wgsl-ls completion fish    # in ~/.config/fish/config.fish: wgsl-ls completion fish | source"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish", "powershell"), help="which one")


def run(arguments: argparse.Namespace) -> int:
    sys.stdout.write(shellcode(["wgsl-ls"], shell=arguments.shell))
    return 0
