" For Vim; Neovim's file types are in plugin/wgsl_ls.lua, where the text of a template decides.
if !has('nvim')
  " Vim calls every *.tmpl "template" before this comes, so it is set, not proposed.
  autocmd BufNewFile,BufRead *.wgsl,*.wgsl.tmpl,*/*wgsl*/*.tmpl set filetype=wgsl
endif
