"""Statements, and where parsing resumes after an error inside one.

After a failed statement tokens are skipped up to a `;` (passed), to the `}` of the enclosing block, or to a
keyword that can only begin a statement: half a line loses itself and nothing else.
"""

from __future__ import annotations

from wgsl_ls.wgsl.attribute_parser import AttributeParser
from wgsl_ls.wgsl.lexer import BAD, END, FLOAT, IDENTIFIER, INTEGER, RESERVED, TEMPLATE_OPEN
from wgsl_ls.wgsl.spelling import near_names
from wgsl_ls.wgsl.syntax import (
    Assignment,
    Attribute,
    Binary,
    Block,
    Break,
    Call,
    CallStatement,
    ConstAssert,
    Continue,
    Continuing,
    Discard,
    Expression,
    For,
    Identifier,
    If,
    Increment,
    Index,
    Literal,
    Loop,
    Member,
    Missing,
    Parenthesized,
    Return,
    Statement,
    Switch,
    SwitchClause,
    Unary,
    VariableDeclaration,
    While,
)
from wgsl_ls.wgsl.words import DECLARATION_KEYWORDS, STATEMENT_KEYWORDS

_ASSIGNMENTS = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="))


class StatementParser(AttributeParser):
    """Statements. `next_place`: what the next block is, "loop" (its body), "continuing" or ""."""

    next_place = ""
    lacks_end = -1
    """Where the `;` of the last statement that lacks one should stand."""

    # Blocks

    def block(self, attributes: tuple[Attribute, ...] = ()) -> Block:
        """A compound statement; when its brace is missing, an empty one."""
        place, self.next_place = self.next_place, ""
        if self.kinds[self.position] == "@" and not attributes:
            attributes = self.attributes()
        index = self.position
        if self.kinds[index] != "{":
            self.missing(f"expected '{{', found {self.found()}")
            if self.skip_to_brace():
                index = self.position
            elif self.closes_later():
                index -= 1
            else:
                here = self.end_of_previous()
                return Block(here, here, attributes, ())
        if self.failed:
            self.leave_head(index)
        start = self.starts[index]
        self.position = index + 1
        self.failed = False
        statements = self.statements(place)
        if self.kinds[self.position] == "}":
            # Whatever was wrong before the block, parsing is at a clean place again.
            self.position += 1
        else:
            self.n_left = -1
            self.problem(f"expected '}}' to close the block, found {self.found()}")
        return Block(start, self.end_of_previous(), attributes, statements)

    def closes_later(self) -> bool:
        """A brace is missing here: does one close the block all the same, by the looks of it? A `}` that begins a line
        and is indented as the line that ends here, and all that stands between is indented more."""
        text, behind = self.text, self.end_of_previous()
        indent = self.indent(behind)
        if "\n" not in text[behind : self.starts[self.position]]:
            return False
        for index in range(self.position, len(self.kinds) - 1):
            before = self.starts[index - 1] + len(self.texts[index - 1])
            if "\n" in text[before : self.starts[index]] and self.indent(self.starts[index]) <= indent:
                return self.kinds[index] == "}" and self.indent(self.starts[index]) == indent
        return False

    def indent(self, offset: int) -> int:
        """White space at the beginning of the line of `offset`."""
        start = self.text.rfind("\n", 0, offset) + 1
        line = self.text[start:offset] + "."
        return len(line) - len(line.lstrip())

    def leave_head(self, brace: int) -> None:
        """The head before this brace is wrong. If all that it opens is closed (or it is a function's, which has no
        other brace), the block is its block whatever was meant, and what is wrong in there no consequence."""
        depth = least = 0
        for index in range(brace - 1, -1, -1):
            kind = self.kinds[index]
            depth += (kind in ")]") - (kind in "([")
            least = min(least, depth)
            if kind in ("{", "}", "else"):
                return
            if kind == "fn" or kind in _HEADS:
                is_closed = kind == "fn" or depth == least == 0
                is_first = (
                    0 <= self.n_left < len(self.problems) and self.problems[self.n_left].start >= self.starts[index]
                )
                if is_closed and (is_first or kind == "fn"):
                    self.n_left = len(self.problems)
                return

    def skip_to_brace(self) -> bool:
        """After an error in a header: moves to the `{` of its body if that comes before the statement ends."""
        for index in range(self.position, len(self.kinds)):
            kind = self.kinds[index]
            if kind == "{":
                self.position = index
                return True
            if kind in (";", "}", END) or kind in STATEMENT_KEYWORDS:
                return False
        return False

    def statements(self, place: str) -> tuple[Statement, ...]:
        found: list[Statement] = []
        kinds = self.kinds
        while True:
            kind = kinds[self.position]
            if kind == "}" or kind == END or kind in DECLARATION_KEYWORDS:
                return tuple(found)
            if kind == ";":
                self.position += 1
                continue
            before, n_problems = self.position, len(self.problems)
            statement = self.statement(place)
            if statement is not None:
                found.append(statement)
            has_failed = self.failed
            if has_failed:
                self.resume(before)
                self.failed = False
            is_whole = kinds[self.position] not in _LATER_PARTS
            if n_problems <= self.n_left and is_whole and (not has_failed or self.is_over(before)):
                self.n_left = len(self.problems)

    def is_over(self, before: int) -> bool:
        """Whether a statement that failed is over where parsing resumed, so that what is wrong behind it is wrong
        whatever was meant: it is not the head of a block (which may have lost its block, as `else` its `if`), the
        next one begins a line (or it lacks nothing but its `;` and a keyword follows), and what closes a bracket behind
        it was opened behind it."""
        kinds, after = self.kinds, self.position
        begins_line = "\n" in self.text[self.end_of_previous() : self.starts[after]]
        begins = begins_line or (after == self.lacks_end and kinds[after] in STATEMENT_KEYWORDS)
        if not begins or kinds[before] in _HEADS:
            return False
        depth = sum((kind in "([") - (kind in ")]") for kind in kinds[before:after])
        if depth > 0:
            depth = 0
            for kind in kinds[after : after + _LONGEST_HEAD]:
                if kind in ("{", "}") or depth < 0:
                    break
                depth += (kind in "([") - (kind in ")]")
            return depth >= 0
        return True

    def resume(self, before: int) -> None:
        """Skips the rest of a statement that failed, and at least one token of it."""
        kinds = self.kinds
        depth = 0
        index = self.position
        while True:
            kind = kinds[index]
            if kind == END or (kind == "}" and not depth):
                break
            if kind == ";" and not depth:
                index += 1
                break
            if index > before and (kind in STATEMENT_KEYWORDS or kind in DECLARATION_KEYWORDS) and not depth:
                break
            if kind == "{":
                depth += 1
            elif kind == "}":
                depth -= 1
                if not depth:
                    index += 1
                    break
            index += 1
        self.position = index

    # One statement

    def statement(self, place: str) -> Statement | None:
        kind = self.kinds[self.position]
        if kind in _SIMPLE_STARTS:
            return self.ended(self.updating())
        if kind in ("let", "var", "const"):
            return self.ended(self.variable())
        attributes: tuple[Attribute, ...] = ()
        if kind == "@":
            at = self.position
            attributes = self.attributes()
            kind = self.kinds[self.position]
            if kind not in ("{", "if", "switch", "loop", "for", "while"):
                if kind in ("var", "let", "const"):
                    self.problem("attributes are not allowed on a declaration inside a function", at)
                    self.failed = False
                    return self.ended(self.variable())
                self.problem(f"expected a block behind attributes, found {self.found()}")
                return None
        if kind == "if":
            return self.if_statement(attributes)
        if kind == "for":
            return self.for_statement(attributes)
        if kind == "{":
            return self.block(attributes)
        if kind == "return":
            return self.return_statement()
        if kind == "switch":
            return self.switch(attributes)
        if kind == "while":
            start = self.starts[self.position]
            self.position += 1
            condition = self.condition()
            body = self.block()
            return While(start, body.end, attributes, condition, body)
        if kind == "loop":
            start = self.starts[self.position]
            self.position += 1
            self.next_place = "loop"
            body = self.block()
            return Loop(start, body.end, attributes, body)
        return self.rare(kind, place)

    def rare(self, kind: str, place: str) -> Statement | None:
        index = self.position
        start = self.starts[index]
        if kind == "break":
            self.position += 1
            condition = None
            if self.kinds[self.position] == "if":
                if place != "continuing":
                    self.problem("'break if' is only allowed at the end of a continuing block", index)
                    self.failed = False
                self.position += 1
                condition = self.expression()
                statement = self.ended(Break(start, self.end_of_previous(), condition))
                if place == "continuing" and not self.failed and self.kinds[self.position] not in ("}", END):
                    self.problem("'break if' must be the last statement of the continuing block", index)
                    self.failed = False
                return statement
            return self.ended(Break(start, self.end_of_previous(), condition))
        if kind == "continue":
            self.position += 1
            return self.ended(Continue(start, self.end_of_previous()))
        if kind == "discard":
            self.position += 1
            return self.ended(Discard(start, self.end_of_previous()))
        if kind == "const_assert":
            return self.ended(self.const_assert())
        if kind == "continuing":
            if place != "loop":
                self.problem("'continuing' is only allowed at the end of a loop's body")
                self.failed = False
            self.position += 1
            self.next_place = "continuing"
            body = self.block()
            if self.kinds[self.position] not in ("}", END):
                self.problem("the continuing block must be the last statement of its loop")
                self.failed = False
            return Continuing(start, body.end, body)
        if kind == "else":
            self.problem("'else' without 'if'")
        elif kind in ("case", "default"):
            self.problem(f"'{kind}' outside of a switch")
        elif kind == BAD:
            self.no_expression()
        elif kind in (INTEGER, FLOAT, "true", "false", "-", "!", "~"):
            self.problem(f"expected a statement, found {self.found()}")
            self.expression()
        else:
            self.problem(f"expected a statement, found {self.found()}")
        return None

    def ended(self, statement: Statement | None) -> Statement | None:
        """`statement` when a `;` follows; its absence is reported behind the statement."""
        if self.kinds[self.position] == ";":
            self.position += not self.failed  # else `resume` passes it, and nothing behind it
        else:
            if not self.failed:
                self.lacks_end = self.position
            self.missing(f"expected ';' behind the statement, found {self.found()}")
        return statement

    def const_assert(self) -> ConstAssert:
        start = self.starts[self.position]
        self.position += 1
        condition = self.expression()
        return ConstAssert(start, self.end_of_previous(), condition)

    def return_statement(self) -> Statement | None:
        start = self.starts[self.position]
        self.position += 1
        kind = self.kinds[self.position]
        value = None
        if kind != ";" and kind != "}":
            value = self.expression()
        return self.ended(Return(start, self.end_of_previous(), value))

    def variable(self, attributes: tuple[Attribute, ...] = ()) -> VariableDeclaration:
        """`var`, `let`, `const` or `override` up to, and without, its `;`."""
        start = attributes[0].start if attributes else self.starts[self.position]
        keyword = self.kinds[self.position]
        self.position += 1
        template: tuple[Expression, ...] = ()
        if self.kinds[self.position] == TEMPLATE_OPEN:
            if keyword != "var":
                self.problem(f"'{keyword}' takes no template list")
            template = self.template_arguments()
        name, name_start = self.name(f"a name behind '{keyword}'")
        declared_type: Expression | None = None
        initializer: Expression | None = None
        if not self.failed:
            if self.kinds[self.position] == ":":
                self.position += 1
                declared_type = self.type_specifier()
            if self.kinds[self.position] == "=":
                self.position += 1
                initializer = self.expression()
            elif keyword in ("let", "const"):
                self.problem(f"expected '=' in the '{keyword}' declaration, found {self.found()}")
            elif declared_type is None and self.kinds[self.position] == ";":
                self.report(f"'{keyword}' needs a type or an initializer")
        end = self.end_of_previous()
        return VariableDeclaration(
            start, end, attributes, keyword, template, name, name_start, declared_type, initializer
        )

    def type_specifier(self) -> Expression:
        index = self.position
        if self.kinds[index] == IDENTIFIER:
            self.position = index + 1
            return self.identifier(index)
        self.problem(f"expected a type, found {self.found()}")
        here = self.end_of_previous()
        if self.kinds[index] == RESERVED:
            self.position = index + 1
        return Missing(here, here)

    def updating(self) -> Statement:
        """An assignment, increment, decrement or call, without its `;`."""
        index = self.position
        start = self.starts[index]
        if self.kinds[index] == "_":
            self.position = index + 1
            self.expect("=", "behind '_'")
            value = self.expression() if not self.failed else Missing(start + 1, start + 1)
            return Assignment(start, self.end_of_previous(), None, "=", value)
        target = self.unary()
        operator = self.kinds[self.position]
        if operator in _ASSIGNMENTS:
            self.assignable(target, index)
            self.position += 1
            value = self.expression()
            return Assignment(start, self.end_of_previous(), target, operator, value)
        if operator == "++" or operator == "--":
            self.assignable(target, index)
            self.position += 1
            return Increment(start, self.end_of_previous(), target, operator)
        if type(target) is not Call:
            if operator in (IDENTIFIER, RESERVED):
                self.no_statement(target, index)
            else:
                self.missing(f"expected '=' behind the left-hand side, found {self.found()}")
        return CallStatement(start, self.end_of_previous(), target)

    def no_statement(self, target: Expression, index: int) -> None:
        """Two names beside each other, of which the first is `target`: by the looks of it a keyword, misspelt."""
        if not isinstance(target, Identifier):
            self.problem(f"expected an assignment or a call, found {self.found()}")
            return
        meant = near_names(target.name, sorted(STATEMENT_KEYWORDS), 1, 0.6)
        question = f"; did you mean '{meant[0]}'?" if meant else ""
        self.problem(f"'{target.name}' begins no statement{question}", index)

    def assignable(self, target: Expression, index: int) -> None:
        """Reports a left-hand side that the grammar has no place for."""
        while True:
            if isinstance(target, Unary):
                if target.operator not in "*&":
                    break
                target = target.operand
            elif isinstance(target, Parenthesized):
                target = target.inner
            elif isinstance(target, (Index, Member)):
                target = target.base
            elif isinstance(target, (Binary, Literal)) or (
                isinstance(target, Identifier) and target.arguments is not None
            ):
                break
            else:
                return
        self.problem("cannot assign to this expression", index)
        self.failed = False

    def if_statement(self, attributes: tuple[Attribute, ...]) -> If:
        start = attributes[0].start if attributes else self.starts[self.position]
        clauses: list[tuple[Expression, Block]] = []
        otherwise: Block | None = None
        while True:
            self.position += 1
            condition = self.condition()
            clauses.append((condition, self.block()))
            if self.kinds[self.position] != "else":
                break
            self.position += 1
            if self.kinds[self.position] == "if":
                continue
            otherwise = self.block()
            break
        return If(start, self.end_of_previous(), attributes, tuple(clauses), otherwise)

    def for_statement(self, attributes: tuple[Attribute, ...]) -> For:
        start = attributes[0].start if attributes else self.starts[self.position]
        self.position += 1
        opening = self.position
        initializer: Statement | None = None
        condition: Expression | None = None
        update: Statement | None = None
        if self.expect("(", "behind 'for'"):
            kind = self.kinds[self.position]
            if kind in ("var", "let", "const"):
                initializer = self.variable()
            elif kind != ";":
                initializer = self.for_part("initializer")
            if not self.failed and self.expect(";", "behind the initializer of the loop"):
                if self.kinds[self.position] != ";":
                    condition = self.expression()
                if not self.failed and self.expect(";", "behind the condition of the loop"):
                    if self.kinds[self.position] != ")":
                        update = self.for_part("update")
                    self.expect(")", "to close the header of the loop")
            if self.failed:
                self.skip_header(opening)
        body = self.block()
        return For(start, body.end, attributes, initializer, condition, update, body)

    def condition(self) -> Expression:
        """Or the selector of a switch."""
        opening = self.position
        found = self.expression()
        if self.failed:
            self.skip_header(opening)
        return found

    def skip_header(self, opening: int) -> None:
        """After an error in `(...)`: moves to the `{` behind it if the bracket that begins there is closed."""
        depth = 0
        for index in range(opening, min(opening + _LONGEST_HEAD, len(self.kinds) - 1)):
            kind = self.kinds[index]
            depth += (kind == "(") - (kind == ")")
            if not depth and self.kinds[index + 1] == "{":
                self.position = index + 1
            if not depth or kind in ("{", "}"):
                return

    def for_part(self, what: str) -> Statement | None:
        if self.kinds[self.position] in _SIMPLE_STARTS:
            return self.updating()
        self.problem(f"expected the {what} of the loop, found {self.found()}")
        return None

    def switch(self, attributes: tuple[Attribute, ...]) -> Switch:
        start = attributes[0].start if attributes else self.starts[self.position]
        keyword = self.position
        self.position += 1
        selector = self.condition()
        attributes += self.attributes()
        clauses: list[SwitchClause] = []
        if self.kinds[self.position] != "{":
            self.problem(f"expected '{{' behind the selector of 'switch', found {self.found()}")
            if not self.skip_to_brace():
                return Switch(start, self.end_of_previous(), attributes, selector, ())
        if self.failed:
            self.leave_head(self.position)
        self.position += 1
        self.failed = False
        while self.kinds[self.position] in ("case", "default"):
            clauses.append(self.switch_clause())
            if self.failed:
                self.skip_to_clause()
                self.failed = False
        if self.kinds[self.position] != "}":
            self.problem(f"expected 'case', 'default' or '}}' in the switch, found {self.found()}")
            self.skip_to_clause(only_end=True)
        else:
            n_defaults = sum(selector is None for clause in clauses for selector in clause.selectors)
            if n_defaults != 1:
                self.report(f"a switch needs exactly one 'default' clause, found {n_defaults}", keyword)
        if self.kinds[self.position] == "}":
            self.position += 1
            self.failed = False
        return Switch(start, self.end_of_previous(), attributes, selector, tuple(clauses))

    def switch_clause(self) -> SwitchClause:
        start = self.starts[self.position]
        selectors: list[Expression | None] = []
        if self.kinds[self.position] == "default":
            self.position += 1
            selectors.append(None)
        else:
            self.position += 1
            while self.kinds[self.position] not in (":", "{", "@"):
                if self.kinds[self.position] == "default":
                    self.position += 1
                    selectors.append(None)
                else:
                    selectors.append(self.expression())
                if self.kinds[self.position] != ",":
                    break
                self.position += 1
            if not selectors:
                self.problem(f"expected an expression or 'default' behind 'case', found {self.found()}")
        if self.kinds[self.position] == ":":
            self.position += 1
        body = self.block()
        return SwitchClause(start, body.end, tuple(selectors), body)

    def skip_to_clause(self, *, only_end: bool = False) -> None:
        depth = 0
        for index in range(self.position, len(self.kinds)):
            kind = self.kinds[index]
            if kind == "{":
                depth += 1
            elif kind == "}":
                if not depth:
                    break
                depth -= 1
            elif kind == END or (not depth and not only_end and kind in ("case", "default")):
                break
        self.position = index


_LONGEST_HEAD = 100
"""Tokens among which the bracket that closes a head is looked for."""
_LATER_PARTS = frozenset(("else", "case", "default", "continuing"))
_HEADS = _LATER_PARTS | {"if", "for", "while", "switch", "loop"}
_SIMPLE_STARTS = frozenset((IDENTIFIER, RESERVED, "(", "*", "&", "_", "++", "--"))
