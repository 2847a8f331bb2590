-- Whether a template file holds WGSL: something that WGSL says at the start of a line, and nothing that the
-- well-known template languages say.
local M = {}

local LOOKED_AT = 500
local SIGNS = {
  [[^\s*@\(group\|binding\|compute\|workgroup_size\|vertex\|fragment\|must_use\)\>]],
  [[^\s*var<\(workgroup\|storage\|uniform\|private\)\>]],
  [[^\s*\(enable\|requires\)\s\+[a-z0-9_, ]\+;]],
  [[^\s*fn\s\+\w\+\s*(.*{]],
  [[\<\(vec[234]\|mat[234]x[234]\|array\)<\s*\(f32\|f16\|u32\|i32\|[A-Z_]\w*\)]],
}
local FOREIGN = [[{{-\?\s*\(if\|range\|end\|define\|template\|\.\)\|<%\|{%]]

function M.looks_like_wgsl(buffer)
  local text = vim.api.nvim_buf_get_lines(buffer, 0, LOOKED_AT, false)
  local found = false
  local foreign = vim.regex(FOREIGN)
  local signs = vim.tbl_map(vim.regex, SIGNS)
  for _, line in ipairs(text) do
    if foreign:match_str(line) then
      return false
    end
    for _, sign in ipairs(signs) do
      found = found or sign:match_str(line) ~= nil
    end
  end
  return found
end

return M
