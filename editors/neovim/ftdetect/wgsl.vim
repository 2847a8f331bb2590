" For Vim; Neovim's file types are in plugin/wgsl_ls.lua, where the text of a template decides.
if !has('nvim')
  autocmd BufNewFile,BufRead *.wgsl,*.wgsl.tmpl,*/*wgsl*/*.tmpl setfiletype wgsl
endif
