" Vim with ALE: source this file after ALE is loaded, for example as ~/.vim/after/plugin/wgsl_ls_ale.vim. The folder
" editors/neovim on 'runtimepath' brings file type, syntax and indent to Vim as well.

function! s:root(buffer) abort
  let configuration = ale#path#FindNearestFile(a:buffer, 'wgsl-ls.toml')
  let repository = ale#path#FindNearestDirectory(a:buffer, '.git')
  let file = fnamemodify(bufname(a:buffer), ':p:h')
  return !empty(configuration) ? fnamemodify(configuration, ':h')
        \ : !empty(repository) ? fnamemodify(repository, ':h:h') : file
endfunction

call ale#linter#Define('wgsl', {
      \ 'name': 'wgsl_ls',
      \ 'lsp': 'stdio',
      \ 'executable': 'wgsl-ls',
      \ 'command': '%e serve',
      \ 'project_root': function('s:root'),
      \ 'language': 'wgsl',
      \ 'initialization_options': {'engines': ['wgpu', 'dawn']},
      \ })
" ALE's own linter for WGSL runs naga on the text as it is written, which with a preprocessor is no WGSL.
let g:ale_linters = extend(get(g:, 'ale_linters', {}), {'wgsl': ['wgsl_ls']}, 'keep')
