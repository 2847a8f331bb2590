" WGSL with a preprocessor, in Vim and in Neovim.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s
setlocal comments=s0:/*,mb:*,ex:*/,:///,://
setlocal formatoptions-=t formatoptions+=croql
" gf, [i and ]d through the preprocessor's own words.
setlocal include=^\\s*#\\s*include
setlocal define=^\\s*#\\s*define
setlocal suffixesadd=.tmpl,.wgsl
let b:undo_ftplugin = 'setlocal commentstring< comments< formatoptions< include< define< suffixesadd<'

" % goes from #if to #else to #endif, where matchit is loaded.
let b:match_ignorecase = 0
let b:match_words = '^\s*#\s*\%(if\|ifdef\|ifndef\)\>:^\s*#\s*\%(elif\|else\)\>:^\s*#\s*endif\>'
let b:undo_ftplugin .= ' | unlet! b:match_words b:match_ignorecase'
