;;; first_screen.el --- what is on the screen when the server has answered  -*- lexical-binding: t; -*-

(defun first-screen-is-compiling ()
  "True while packages are compiled to native code, or wait for it."
  (and (fboundp 'comp-async-runnings)
       (or comp-files-queue (> (comp-async-runnings) 0))))

(defun first-screen-say ()
  "Write the names of the buffers that have a window, and leave."
  (write-region (mapconcat (lambda (window) (buffer-name (window-buffer window))) (window-list) "\n")
                nil (getenv "STORY_SAID"))
  (kill-emacs))

;; All of it takes minutes; the packages that give warnings are among the first.
(defvar first-screen-seen (+ (float-time) 20))
(defvar first-screen-end (+ (float-time) 120))

(run-with-timer
 2 0.5
 (lambda ()
   (when (or (> (float-time) first-screen-end)
             (and (with-current-buffer "a.wgsl" (eglot-current-server))
                  (not (string-empty-p (with-current-buffer "a.wgsl" wgsl-ls--summary)))
                  (or (> (float-time) first-screen-seen) (not (first-screen-is-compiling)))))
     (first-screen-say))))
;;; first_screen.el ends here
