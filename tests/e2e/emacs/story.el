;;; story.el --- a first look at a shader in Emacs  -*- lexical-binding: t; -*-

(setq eglot-sync-connect 60 eglot-connect-timeout 60 create-lockfiles nil make-backup-files nil)
(require 'wgsl-ls)
(setq debug-on-error t)

(defun story-until (what condition)
  "Wait until CONDITION, a function, is true; WHAT says what for."
  (let ((end (+ (float-time) 60)) value)
    (while (and (not (setq value (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.1))
    (unless value (error "waited in vain until %s" what))
    value))

(defmacro story-step (name &rest body)
  "Run BODY as the step called NAME."
  (declare (indent 1))
  `(progn ,@body (princ (format "ok - %s\n" ,name))))

(defun story-diagnostics ()
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(find-file "a.wgsl")
(story-step "the mode and the server come by themselves"
  (unless (eq major-mode 'wgsl-mode) (error "the mode is %s" major-mode))
  ;; Without a terminal nothing runs the hooks of a command loop.
  (unless (eglot-current-server) (call-interactively #'eglot))
  (story-until "the server answers" (lambda () (eglot-current-server))))

(story-step "a directive, a keyword and a type have colours"
  (font-lock-ensure)
  (dolist (pair '(("#ifdef" . font-lock-preprocessor-face) ("const" . font-lock-keyword-face)
                  ("array" . font-lock-type-face)))
    (goto-char (point-min))
    (search-forward (car pair))
    (unless (eq (get-text-property (match-beginning 0) 'face) (cdr pair))
      (error "%s has %s" (car pair) (get-text-property (match-beginning 0) 'face)))))

(story-step "a mistake of one variant is marked at its line"
  (goto-char (point-min))
  (search-forward "const STEP = 4.0;")
  (insert "\nconst BROKEN = not_there;")
  (eglot--signal-textDocument/didChange)
  (story-until "the mistake is marked"
               (lambda ()
                 (flymake-start)
                 (seq-some (lambda (text) (string-match-p "not_there" text)) (story-diagnostics))))
  (let ((text (seq-find (lambda (one) (string-match-p "not_there" one)) (story-diagnostics))))
    (unless (string-match-p "WIDE\\|wide" text) (error "the variant is not named: %s" text))))

(story-step "it goes when it is mended"
  (delete-region (line-beginning-position) (1+ (line-end-position)))
  (eglot--signal-textDocument/didChange)
  (story-until "nothing is marked"
               (lambda ()
                 (flymake-start)
                 (not (seq-some (lambda (text) (string-match-p "not_there" text)) (story-diagnostics))))))

(story-step "the mode line counts the variants"
  (story-until "the summary is there"
               (lambda () (string-match-p "2 variants ✓2" (wgsl-ls--mode-line))))
  (let ((said (wgsl-ls--counts '(:total 3200 :fail 999 :unjudged 0 :pending 0 :pass 1234567))))
    (unless (equal said "3,200 variants ✗999 ✓1,234,567") (error "it says %s" said)))
  (let ((said (wgsl-ls--counts '(:total 1 :fail 0 :unjudged 0 :pending 0 :pass 1))))
    (unless (equal said "1 variant ✓1") (error "it says %s" said))))

(story-step "a variant is found by words in any order, of macros too that its label leaves out"
  (let* ((wide '(:label "WIDE" :state "pass" :defines ["WIDE" "SHARED=1"]))
         (table (wgsl-ls--table (list wide '(:label "plain" :state "fail" :reason "no x" :defines ["SHARED=1"]))))
         (found (lambda (typed) (all-completions typed table))))
    (unless (equal (funcall found "shared=1 wide") '("WIDE  pass")) (error "one: %s" (funcall found "shared=1 wide")))
    (unless (equal (funcall found "SHARED") '("WIDE  pass" "plain  fail: no x")) (error "both"))
    (when (funcall found "wide plain") (error "none"))
    (unless (equal (try-completion "no fail" table) "plain  fail: no x") (error "it is not completed"))
    (unless (test-completion "WIDE  pass" table) (error "a whole line is not taken"))
    (when (test-completion "wide" table) (error "a part is taken"))))

(story-step "definition leads into the include"
  (goto-char (point-min))
  (search-forward "twice(STEP")
  (backward-char 8)
  (let ((found (car (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot)))))
    (unless (string-suffix-p "decls.tmpl" (xref-location-group (xref-item-location found)))
      (error "it leads to %s" (xref-location-group (xref-item-location found))))))

(story-step "another variant is chosen, and expanded"
  (wgsl-ls-set-variant "wide")
  (with-current-buffer (wgsl-ls-show-expansion)
    (goto-char (point-min))
    (search-forward "const STEP = 4.0;")
    (goto-char (point-min))
    (when (search-forward "#" nil t) (error "a directive is left"))))

(story-step "a server that begins again looks through the chosen variant"
  (eglot-reconnect (eglot-current-server))
  (story-until "it answers" (lambda () (eglot-current-server)))
  (let ((active (plist-get (wgsl-ls--ask :wgsl/variants) :active)))
    (unless (equal active "wide") (error "%s is active" active))))

(story-step "a line is explained"
  (goto-char (point-min))
  (search-forward "const STEP = 1.0;")
  (wgsl-ls-explain-line)
  (with-current-buffer "*wgsl-ls explain*"
    (goto-char (point-min))
    (search-forward "1 of 2 variants")
    (goto-char (point-min))
    (when (re-search-forward "\\*\\*\\|`" nil t) (error "Markdown is shown raw: %s" (buffer-string)))))

(story-step "an include is a shader's too"
  (find-file "decls.tmpl")
  (unless (eq major-mode 'wgsl-mode) (error "the mode is %s" major-mode)))
;;; story.el ends here
