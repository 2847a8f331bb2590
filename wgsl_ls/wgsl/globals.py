"""Globals: the module-scope names of one module, each analysed when first asked for.

What was found out about a declaration is kept with its chunk, together with everything it asked of other
declarations; it is used again, in this module or in another one that contains the same chunk, when those answers
are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wgsl_ls.wgsl.declaration_inference import Overrides, analyze_declaration, function_signature
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.module import Chunk, Module, Placed
from wgsl_ls.wgsl.names import GlobalInfo
from wgsl_ls.wgsl.syntax import ConstAssert, Declaration, FunctionDeclaration

# Variants of one shader give a declaration different surroundings; more than these are rare.
_KEPT_PER_CHUNK = 8
_DEEPEST_QUESTION = 20
"""Declarations that ask for each other by recursion; longer chains are followed without it."""
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class _Kept:
    is_signature: bool
    overrides: tuple[tuple[str, bool | int | float], ...] | None
    facts: Facts


class Globals:
    """`overrides`: see analyze_declaration."""

    def __init__(self, module: Module, overrides: Overrides | None = None) -> None:
        self.module = module
        self.declared: dict[str, Placed] = {}
        self.duplicates: list[Placed] = []
        self._infos: dict[str, GlobalInfo | None] = {}
        self._asking: set[str] = set()
        self._following = False
        self.n_analyzed = 0
        for placed in module.placed:
            node = placed.chunk.node
            if isinstance(node, Declaration) and not isinstance(node, ConstAssert) and node.name:
                if node.name in self.declared:
                    self.duplicates.append(placed)
                else:
                    self.declared[node.name] = placed
        # Without override constants their values make no difference; say so, to share what is kept.
        has_overrides = any(getattr(placed.node, "keyword", "") == "override" for placed in module.placed)
        self.overrides = overrides if has_overrides else None
        self._key = None if self.overrides is None else tuple(sorted(self.overrides.items()))

    def info(self, name: str) -> GlobalInfo | None:
        """What `name` is at module scope; None when nothing, or when its declaration depends on itself."""
        infos = self._infos
        if name in infos:
            return infos[name]
        placed = self.declared.get(name)
        if placed is None:
            infos[name] = None
            return None
        if name in self._asking:
            return None
        if len(self._asking) >= _DEEPEST_QUESTION and not self._following:
            self._follow(name)
            return infos[name]
        self._asking.add(name)
        found = self._facts(placed.chunk, isinstance(placed.chunk.node, FunctionDeclaration)).info
        self._asking.discard(name)
        infos[name] = found
        return found

    def _follow(self, name: str) -> None:
        """Find out about everything that `name` leads to, the last first, and about `name`."""
        self._following = True
        chain = [(name, self._mentioned(name))]
        self._asking.add(name)
        while chain:
            current, mentioned = chain[-1]
            while mentioned:
                word = mentioned.pop()
                if word not in self._infos and word not in self._asking:
                    self._asking.add(word)
                    chain.append((word, self._mentioned(word)))
                    break
            else:
                chain.pop()
                chunk = self.declared[current].chunk
                self._infos[current] = self._facts(chunk, isinstance(chunk.node, FunctionDeclaration)).info
                self._asking.discard(current)
        self._following = False

    def _mentioned(self, name: str) -> list[str]:
        """The declared names in a declaration, the first one last."""
        words = dict.fromkeys(_WORD.findall(self.declared[name].chunk.text))
        return [word for word in words if word in self.declared][::-1]

    def facts(self, placed: Placed) -> Facts:
        """Everything about the declaration placed there."""
        return self._facts(placed.chunk, False)

    def _facts(self, chunk: Chunk, is_signature: bool) -> Facts:
        memo: list[_Kept] = chunk.memo
        for kept in memo:
            if kept.is_signature == is_signature and kept.overrides == self._key and self._holds(kept.facts):
                return kept.facts
        self.n_analyzed += 1
        node = chunk.node
        if is_signature and isinstance(node, FunctionDeclaration):
            facts = function_signature(chunk.text, node, self.info)
        elif isinstance(node, Declaration):
            facts = analyze_declaration(chunk.text, node, self.info, self.overrides)
        else:
            return Facts()
        if not facts.is_complete:
            return facts
        if len(memo) >= _KEPT_PER_CHUNK:
            del memo[: _KEPT_PER_CHUNK // 2]
        memo.append(_Kept(is_signature, self._key, facts))
        return facts

    def _holds(self, facts: Facts) -> bool:
        """True when everything these facts depend on is the same here."""
        infos = self._infos
        for name, read in facts.reads.items():
            found = infos[name] if name in infos else self.info(name)
            if found is not read and found != read:
                return False
        return True
