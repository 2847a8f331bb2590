from wgsl_ls.server.lazy_types import load

load()
