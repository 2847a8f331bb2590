" A first look at a shader in Vim with ALE. Writes what it saw to $STORY_SAID and leaves.
set nocompatible nomore noswapfile hidden
let s:said = []
let g:ale_lint_on_text_changed = 'always'
let g:ale_lint_delay = 50
execute 'set runtimepath^=' . $STORY_ALE . ',' . $STORY_PLUGIN
filetype plugin indent on
syntax on
runtime plugin/ale.vim
execute 'source ' . $STORY_RECIPE

function! s:until(what, condition) abort
  for _ in range(600)
    if eval(a:condition)
      call add(s:said, 'ok - ' . a:what)
      return
    endif
    sleep 100m
  endfor
  call add(s:said, 'not ok - ' . a:what . ': ' . string(getloclist(0)))
endfunction

function! s:story() abort
  edit a.wgsl
  call s:until('the file type', "&filetype ==# 'wgsl'")
  call s:until('the comment string', "&commentstring ==# '// %s'")
  call s:until('a directive has its colour', "synIDattr(synID(2, 1, 1), 'name') ==# 'wgslDirective'")
  call s:until('the mistake of one variant is marked', "!empty(filter(getloclist(0), 'v:val.text =~# \"not_there\"'))")
  let found = filter(getloclist(0), 'v:val.text =~# "not_there"')[0]
  call s:until('at its line', found.lnum . ' == 3')
  call setline(3, 'const BROKEN = 1;')
  doautocmd TextChanged
  call s:until('it goes when it is mended', "empty(filter(getloclist(0), 'v:val.text =~# \"not_there\"'))")
  edit decls.tmpl
  call s:until('the file type of an include', "&filetype ==# 'wgsl'")
endfunction

try
  call s:story()
catch
  call add(s:said, 'not ok - ' . v:exception . ' ' . v:throwpoint)
endtry
call writefile(s:said, $STORY_SAID)
qall!
