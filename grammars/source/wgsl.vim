" WGSL with a preprocessor. Written by grammars/generate.py out of grammars/source/wgsl.vim and the server's tables of
" names: change it there. Works in Vim and in Neovim.
if exists('b:current_syntax')
  finish
endif
syntax case match

syntax keyword wgslKeyword @@keywords@@
syntax keyword wgslBoolean true false
syntax keyword wgslType @@types@@
syntax keyword wgslConstant @@enumerants@@
syntax match wgslCall /\<\h\w*\ze\s*(/
syntax keyword wgslBuiltin @@functions@@

syntax match wgslNumber /\<\d\+[iu]\?\>/
syntax match wgslNumber /\<0[xX]\x\+[iu]\?\>/
syntax match wgslFloat /\<\d\+[fh]\>/
syntax match wgslFloat /\<\d\+\.\d*\%([eE][-+]\?\d\+\)\?[fh]\?/
syntax match wgslFloat /\.\d\+\%([eE][-+]\?\d\+\)\?[fh]\?/
syntax match wgslFloat /\<\d\+[eE][-+]\?\d\+[fh]\?\>/
syntax match wgslFloat /\<0[xX]\x*\.\?\x*[pP][-+]\?\d\+[fh]\?\>/
syntax match wgslAttribute /@\s*\h\w*/
syntax match wgslMacro /\<\u[A-Z0-9_]\+\>/
syntax match wgslOperator +[-+*%<>=!&|^~]\|/\%([/*]\)\@!+

syntax keyword wgslTodo contained TODO FIXME XXX NOTE
syntax match wgslComment +//.*$+ contains=wgslTodo,@Spell
syntax region wgslComment start=+/\*+ end=+\*/+ contains=wgslComment,wgslTodo,@Spell

" Directives. A value goes on in the next line after a backslash.
syntax match wgslDirective /^\s*#\s*\%(if\|ifdef\|ifndef\|elif\|else\|endif\)\>/
syntax match wgslDirective /^\s*#\s*\%(define\|undef\)\>/ nextgroup=wgslDefined skipwhite
syntax match wgslDefined /\h\w*/ contained
syntax match wgslDirective /^\s*#\s*include\>/ nextgroup=wgslIncluded skipwhite
syntax region wgslIncluded start=/"/ end=/"/ oneline contained
syntax match wgslUnknownDirective /^\s*#\s*\%(\%(if\|ifdef\|ifndef\|elif\|else\|endif\|define\|undef\|include\)\>\)\@!\h\w*/
syntax keyword wgslDefinedQuestion defined

highlight default link wgslKeyword Keyword
highlight default link wgslBoolean Boolean
highlight default link wgslType Type
highlight default link wgslConstant Constant
highlight default link wgslCall Function
highlight default link wgslBuiltin Function
highlight default link wgslNumber Number
highlight default link wgslFloat Float
highlight default link wgslAttribute PreProc
highlight default link wgslMacro Macro
highlight default link wgslOperator Operator
highlight default link wgslTodo Todo
highlight default link wgslComment Comment
highlight default link wgslDirective PreCondit
highlight default link wgslDefined Macro
highlight default link wgslIncluded String
highlight default link wgslUnknownDirective Error
highlight default link wgslDefinedQuestion PreCondit

let b:current_syntax = 'wgsl'
