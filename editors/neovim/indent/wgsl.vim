" Indent of WGSL with a preprocessor, in Vim and in Neovim: by brackets; directives stay at the margin and count for
" nothing, so that both branches of an #if stand alike.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=WgslIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],!^F,o,O,0#
setlocal autoindent
let b:undo_indent = 'setlocal indentexpr< indentkeys< autoindent<'

if exists('*WgslIndent')
  finish
endif

" The brackets of a line, without those in comments.
function! s:brackets(line) abort
  return substitute(substitute(a:line, '//.*$\|/\*.\{-}\*/', '', 'g'), '[^][(){}]', '', 'g')
endfunction

function! WgslIndent(number) abort
  if getline(a:number) =~# '^\s*#'
    return 0
  endif
  let before = prevnonblank(a:number - 1)
  while before > 0 && getline(before) =~# '^\s*#'
    let before = prevnonblank(before - 1)
  endwhile
  if before == 0
    return 0
  endif
  " Closing brackets at the start of that line are in its own indent already.
  let brackets = s:brackets(substitute(getline(before), '^\s*[])}]*', '', ''))
  let depth = 0
  for bracket in split(brackets, '\zs')
    let depth += bracket =~# '[[({]' ? 1 : -1
  endfor
  let depth = max([-1, min([1, depth])])
  if getline(a:number) =~# '^\s*[])}]'
    let depth -= 1
  endif
  return max([0, indent(before) + depth * shiftwidth()])
endfunction
