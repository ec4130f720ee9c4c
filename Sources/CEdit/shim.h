#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

// libedit is set up through variadic functions, which Swift does not import, and calls back for every
// character: one function for each thing that we ask of it.  All of them belong to the editor's thread,
// but for muster_edit_wake.

/// What libedit asks its user while a line is being typed.
struct muster_edit_hooks {
  void *owner;
  /// The next character; -1 at the end of input.
  int32_t (*read)(void *owner);
  /// The tabulator was pressed.
  void (*complete)(void *owner);
  /// The prompt; valid until the next call.
  const char *prompt;
};

static inline struct muster_edit_hooks *muster_edit_hooks_of(EditLine *edit) {
  void *hooks = NULL;
  el_get(edit, EL_CLIENTDATA, &hooks);
  return (struct muster_edit_hooks *)hooks;
}

static inline int muster_edit_take(EditLine *edit, wchar_t *character) {
  struct muster_edit_hooks *hooks = muster_edit_hooks_of(edit);
  int32_t next = hooks->read(hooks->owner);
  if (next < 0) return 0;
  *character = (wchar_t)next;
  return 1;
}

static inline char *muster_edit_prompt(EditLine *edit) {
  return (char *)muster_edit_hooks_of(edit)->prompt;
}

static inline unsigned char muster_edit_complete(EditLine *edit, int character) {
  (void)character;
  struct muster_edit_hooks *hooks = muster_edit_hooks_of(edit);
  hooks->complete(hooks->owner);
  return CC_NORM;
}

/// An editor on standard input and output with a history; NULL without memory or terminal.
static inline EditLine *muster_edit_open(struct muster_edit_hooks *hooks, History *kept) {
  if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
  EditLine *edit = el_init("muster", stdin, stdout, stderr);
  if (edit == NULL) return NULL;
  el_set(edit, EL_CLIENTDATA, hooks);
  el_set(edit, EL_EDITOR, "emacs");
  el_set(edit, EL_SIGNAL, 0);
  el_set(edit, EL_PROMPT, muster_edit_prompt);
  el_set(edit, EL_GETCFN, muster_edit_take);
  el_set(edit, EL_HIST, history, kept);
  el_set(edit, EL_ADDFN, "muster-complete", "completes a command or a path", muster_edit_complete);
  el_set(edit, EL_BIND, "^I", "muster-complete", NULL);
  el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  return edit;
}

/// A history of that many lines, each kept once in a row, with what the file holds.
static inline History *muster_history_open(int lines, const char *path) {
  History *kept = history_init();
  if (kept == NULL) return NULL;
  HistEvent event;
  history(kept, &event, H_SETSIZE, lines);
  history(kept, &event, H_SETUNIQUE, 1);
  history(kept, &event, H_LOAD, path);
  return kept;
}

/// Adds a line and writes the file, readable by its owner alone; -1 when that fails.
static inline int muster_history_add(History *lines, const char *line, const char *path) {
  HistEvent event;
  history(lines, &event, H_ENTER, line);
  return history(lines, &event, H_SAVE, path);
}

/// Reads a line as `el_gets` does; NULL at the end of input.
///
/// The terminal is prepared before the prompt shows, not behind it: to a terminal that is not, a Ctrl-D typed
/// in between would be an end of file, which is lost when it is prepared then.
static inline const char *muster_edit_line(EditLine *edit, int *count) {
  el_set(edit, EL_PREP_TERM, 1);
  return el_gets(edit, count);
}

/// Draws prompt and line anew; the cursor stands at the start of an empty row.
static inline void muster_edit_redraw(EditLine *edit) { el_set(edit, EL_REFRESH); }

/// Throws away what has been typed, without drawing.
static inline void muster_edit_clear(EditLine *edit) {
  const LineInfoW *line = el_wline(edit);
  el_cursor(edit, (int)(line->lastchar - line->cursor));
  line = el_wline(edit);
  el_deletestr(edit, (int)(line->cursor - line->buffer));
}

/// Columns of the terminal, 80 if it does not say.
static inline int muster_edit_columns(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

/// A descriptor that `muster_edit_wake` makes readable; negative without one.
static inline int muster_edit_wake_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void muster_edit_wake(int wake) {
  uint64_t one = 1;
  ssize_t written = write(wake, &one, sizeof one);
  (void)written;
}

/// Waits; 1: `wake` was woken and is reset, 2: there is input (or its end), 3: both, 0: neither.
static inline int muster_edit_wait(int wake, int with_input) {
  struct pollfd polls[2] = {{wake, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  if (poll(polls, with_input ? 2 : 1, -1) < 0) return errno == EINTR ? 0 : 2;
  int result = 0;
  if (polls[0].revents != 0) {
    uint64_t count;
    ssize_t taken = read(wake, &count, sizeof count);
    (void)taken;
    result |= 1;
  }
  if (with_input && polls[1].revents != 0) result |= 2;
  return result;
}

/// One byte of input; -1 at its end.
static inline int32_t muster_edit_byte(void) {
  unsigned char byte;
  ssize_t count;
  do {
    count = read(STDIN_FILENO, &byte, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1 ? byte : -1;
}
