;;; wgsl-ls.el --- WGSL with a preprocessor, through eglot  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; A mode for WGSL that is written with #if, #define and #include, and the language server wgsl-ls for it: put this
;; file on `load-path' and say (require 'wgsl-ls).  Diagnostics, hover, navigation, rename and formatting are eglot's
;; own; this file adds what the protocol has no method for: `wgsl-ls-choose-variant', `wgsl-ls-show-expansion' and
;; `wgsl-ls-explain-line'.

;;; Code:

(require 'eglot)
(require 'subr-x)

(defgroup wgsl-ls nil "WGSL with a preprocessor." :group 'languages)

(defcustom wgsl-ls-program '("wgsl-ls" "serve")
  "The language server, as a list of program and arguments."
  :type '(repeat string))

(defcustom wgsl-ls-engines ["wgpu" "dawn"]
  "The compilers that judge each variant: naga (wgpu) and Tint (dawn)."
  :type '(vector string))

(defvar wgsl-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23n" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?_ "_" table)
    (mapc (lambda (operator) (modify-syntax-entry operator "." table)) "+-=%&|<>!^@")
    table))

(defvar wgsl-mode-font-lock
  `((,(rx line-start (* space) "#" (* space)
          (or "if" "ifdef" "ifndef" "elif" "else" "endif" "define" "undef" "include") symbol-end)
     . font-lock-preprocessor-face)
    (,(rx "@" (+ (or alnum "_"))) . font-lock-preprocessor-face)
    (,(rx symbol-start
          (or "alias" "break" "case" "const" "const_assert" "continue" "continuing" "default" "diagnostic" "discard"
              "else" "enable" "fn" "for" "if" "let" "loop" "override" "requires" "return" "struct" "switch" "var"
              "while")
          symbol-end)
     . font-lock-keyword-face)
    (,(rx symbol-start (or "true" "false") symbol-end) . font-lock-constant-face)
    (,(rx symbol-start "fn" (+ space) (group (+ (or alnum "_")))) 1 font-lock-function-name-face)
    (,(rx symbol-start
          (or "bool" "f16" "f32" "i32" "u32" "array" "atomic" "ptr"
              (seq "vec" (any "2-4") (? (any "fhiu")))
              (seq "mat" (any "2-4") "x" (any "2-4") (? (any "fh"))))
          symbol-end)
     . font-lock-type-face)
    (,(rx symbol-start upper (+ (or upper digit "_")) symbol-end) . font-lock-constant-face)))

;;;###autoload
(define-derived-mode wgsl-mode prog-mode "WGSL"
  "WGSL with a preprocessor."
  (setq-local comment-start "// " comment-end "" comment-start-skip "//+ *")
  (setq-local indent-tabs-mode nil tab-width 4)
  (setq-local font-lock-defaults '(wgsl-mode-font-lock))
  (setq-local mode-line-misc-info (cons '(:eval (wgsl-ls--mode-line)) mode-line-misc-info)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.wgsl\\'" . wgsl-mode))
;; Other languages have templates too: a folder with "wgsl" in its name, or the name itself, tells them apart.
;;;###autoload
(add-to-list 'auto-mode-alist '("\\.wgsl\\.tmpl\\'\\|wgsl[^/]*/[^/]*\\.tmpl\\'" . wgsl-mode))

(defclass wgsl-ls-server (eglot-lsp-server) () :documentation "The server, with options of its own.")

(defvar wgsl-ls--chosen (make-hash-table :test #'equal)
  "Shader -> its variant that was chosen: a server that begins again is told.")

(cl-defmethod eglot-initialization-options ((_server wgsl-ls-server))
  (list :engines wgsl-ls-engines :activeVariants wgsl-ls--chosen))

(add-to-list 'eglot-server-programs `(wgsl-mode . (wgsl-ls-server ,@wgsl-ls-program)))
;;;###autoload
(add-hook 'wgsl-mode-hook #'eglot-ensure)

;; What the mode line says.
(defvar wgsl-ls--doing ""
  "What the server is doing, in words; empty when there is nothing to say.")

(defvar-local wgsl-ls--summary ""
  "How many variants this shader has, and how many fail.")

(defun wgsl-ls--mode-line ()
  "What is known of this buffer's variants, and what the server does.
A percent sign would begin a construct of the mode line."
  (string-replace "%" "%%" (string-join (seq-remove #'string-empty-p (list wgsl-ls--summary wgsl-ls--doing)) " · ")))

(defun wgsl-ls--grouped (number)
  "NUMBER as the server writes it, in groups of digits."
  (let ((text (number-to-string number)))
    (while (string-match "\\`\\([0-9]+\\)\\([0-9]\\{3\\}\\)" text)
      (setq text (replace-match "\\1,\\2" nil nil text)))
    text))

(defun wgsl-ls--counts (counts)
  "COUNTS of variants for a mode line, whose end may be cut off."
  (let ((marks '((:fail . "✗") (:unjudged . "?") (:pending . "○") (:pass . "✓"))))
    (string-join
     (cons (format (if (= (plist-get counts :total) 1) "%s variant" "%s variants")
                   (wgsl-ls--grouped (plist-get counts :total)))
           (mapcar (lambda (one) (format "%s%s" (cdr one) (wgsl-ls--grouped (plist-get counts (car one)))))
                   (seq-filter (lambda (one) (> (plist-get counts (car one)) 0)) marks)))
     " ")))

(defun wgsl-ls--keep-summary (known)
  "Remember what KNOWN, a list of variants, says of its root."
  (when-let ((buffer (find-buffer-visiting (eglot--uri-to-path (plist-get known :root)))))
    (with-current-buffer buffer
      (setq wgsl-ls--summary (wgsl-ls--counts (plist-get known :counts)))
      (force-mode-line-update))))

(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/status)) &rest told)
  "TOLD is a state and, for a person, its message."
  (setq wgsl-ls--doing
        (or (plist-get told :message) ""))
  (force-mode-line-update t))

(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/verdictsChanged)) &rest known)
  "KNOWN is a list of variants."
  (wgsl-ls--keep-summary known))

;; Notifications that Emacs shows nothing of.
(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/expansionChanged)) &rest _))
(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/inactiveRegions)) &rest _))
(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/hostFiles)) &rest _))
(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/smokeFinished)) &rest _))
(cl-defmethod eglot-handle-notification (_server (_method (eql wgsl/viewsChanged)) &rest _))

(defun wgsl-ls--ask (method &rest more)
  "The answer to METHOD about this document, with MORE parameters."
  (jsonrpc-request (eglot--current-server-or-lose) method
                   (append (list :textDocument (eglot--TextDocumentIdentifier)) more)))

(defun wgsl-ls--line (entry)
  "ENTRY of a list of variants as a line to choose from."
  (concat (plist-get entry :label) "  " (plist-get entry :state)
          (if-let ((reason (plist-get entry :reason))) (concat ": " reason) "")))

(defun wgsl-ls--table (entries)
  "Completion of ENTRIES by words in any order, of their lines and of all macros."
  (let ((known (mapcar (lambda (entry)
                         (let ((line (wgsl-ls--line entry)))
                           (cons line (downcase (concat line " " (mapconcat #'identity (plist-get entry :defines) " "))))))
                       entries)))
    (lambda (typed _predicate action)
      (let* ((words (split-string (downcase typed)))
             (fits (lambda (one) (seq-every-p (lambda (word) (string-search word (cdr one))) words)))
             (found (unless (eq action 'metadata) (mapcar #'car (seq-filter fits known)))))
        (cond ((eq action 'lambda) (member typed found))
              ((eq action t) found)
              ((or action (null found)) nil)
              ((equal found (list typed)) t)
              ((cdr found) typed)
              (t (car found)))))))

(defun wgsl-ls--take-spaces ()
  "In this minibuffer a space is one between words; it completes none."
  (let ((map (make-sparse-keymap)))
    (set-keymap-parent map (current-local-map))
    (define-key map " " #'self-insert-command)
    (use-local-map map)))

(defun wgsl-ls-choose-variant ()
  "Make another variant of this shader the active one."
  (interactive)
  (let* ((known (wgsl-ls--ask :wgsl/variants))
         (_ (wgsl-ls--keep-summary known))
         (lines (mapcar (lambda (entry) (cons (wgsl-ls--line entry) (plist-get entry :name)))
                        (plist-get known :variants)))
         ;; What fits, the table says.
         (completion-styles '(basic))
         (chosen (minibuffer-with-setup-hook #'wgsl-ls--take-spaces
                   (completing-read "Active variant: " (wgsl-ls--table (plist-get known :variants)) nil t))))
    (wgsl-ls-set-variant (cdr (assoc chosen lines)))))

(defun wgsl-ls-set-variant (name)
  "Make the variant called NAME the active one."
  (puthash (plist-get (wgsl-ls--ask :wgsl/setActiveVariant :variant name) :root) name wgsl-ls--chosen)
  (message "%s is active" name))

(defun wgsl-ls-show-expansion ()
  "Show what the compilers get of the active variant, in another window."
  (interactive)
  (let* ((answer (wgsl-ls--ask :wgsl/expansion))
         (buffer (get-buffer-create (format "*%s in %s*" (buffer-name) (plist-get answer :variant)))))
    (with-current-buffer buffer
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert (plist-get answer :text))
        (goto-char (point-min)))
      ;; The mode without its hooks: an expansion is no file of the server's.
      (delay-mode-hooks (wgsl-mode))
      (setq buffer-read-only t))
    (display-buffer buffer)
    buffer))

(defun wgsl-ls-explain-line ()
  "Say in which variants this line is active, and why."
  (interactive)
  (let ((answer (wgsl-ls--ask :wgsl/explain :position (eglot--pos-to-lsp-position))))
    (with-help-window "*wgsl-ls explain*"
      ;; Emacs shows no Markdown by itself.
      (princ (replace-regexp-in-string "\\*\\*\\|`" "" (plist-get answer :markdown))))))

(provide 'wgsl-ls)
;;; wgsl-ls.el ends here
