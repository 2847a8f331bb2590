---@brief
---
--- Language server for WGSL that is written with a preprocessor (`#if`, `#define`, `#include`): every variant of a
--- shader is expanded, compiled by naga and Tint, and mapped back to the line that was written.
---
--- A Python program; its README says how to install it.
---@type vim.lsp.Config
return {
  cmd = { 'wgsl-ls', 'serve' },
  filetypes = { 'wgsl' },
  root_markers = { 'wgsl-ls.toml', '.git' },
  settings = { wgsl = { engines = { 'wgpu', 'dawn' } } },
}
