-- Loaded by every start of Neovim: file types only. Everything else begins with require('wgsl_ls').setup().
if vim.g.loaded_wgsl_ls then
  return
end
vim.g.loaded_wgsl_ls = true

vim.filetype.add({
  extension = {
    wgsl = 'wgsl',
    -- Other template languages use this extension too, so the text decides.
    tmpl = function(_, buffer)
      return require('wgsl_ls.filetype').looks_like_wgsl(buffer) and 'wgsl' or 'template'
    end,
  },
})
