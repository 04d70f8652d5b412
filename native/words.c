/* From text to words: white space as Python's str.split sees it, and the tokenizers that need nothing else. */

#include <stdlib.h>
#include <string.h>

#include "kernels.h"

/* Where every word begins in the table of words, which is a tree of characters: a word is the path that spells it. */
#define ROOT NONE

int is_space(uint32_t c) {
    if (c < 128) return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

static int is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

static int is_period_or_comma(uint32_t c) {
    return c == '.' || c == ',';
}

/* ASCII symbols and punctuation but for apostrophe, comma, hyphen and full stop; the space is among them. */
static int stands_alone(uint32_t c) {
    return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
           (c >= ':' && c <= '@') || c == '/';
}

static int is_ascii_punctuation(uint32_t c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static void swap(Workbench *bench) {
    Buffer other = bench->other;
    bench->other = bench->text;
    bench->text = other;
    bench->text.length = 0;
}

/* Replaces a string everywhere in the text by one character, or by nothing when `by` is 0. */
static int replace(Workbench *bench, const char *what, char by) {
    size_t size = strlen(what);
    swap(bench);
    const uint32_t *from = bench->other.items;
    size_t length = bench->other.length;
    if (buffer_reserve(&bench->text, length)) return OUT_OF_MEMORY;
    uint32_t *to = bench->text.items;
    size_t put = 0;
    for (size_t i = 0; i < length;) {
        size_t same = 0;
        while (same < size && i + same < length && from[i + same] == (uint32_t)what[same]) same++;
        if (same < size) {
            to[put++] = from[i++];
            continue;
        }
        if (by) to[put++] = (uint32_t)by;
        i += size;
    }
    bench->text.length = put;
    return DONE;
}

enum { SEPARATE_SYMBOLS, SEPARATE_AFTER_NON_DIGIT, SEPARATE_BEFORE_NON_DIGIT, SEPARATE_DASH };

/* One of the four substitutions of mteval-v13a, over the whole text, left to right. */
static int separate(Workbench *bench, int rule) {
    swap(bench);
    const uint32_t *from = bench->other.items;
    size_t length = bench->other.length;
    if (buffer_reserve(&bench->text, 3 * length + 1)) return OUT_OF_MEMORY;
    uint32_t *to = bench->text.items;
    size_t put = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t here = from[i];
        int more = i + 1 < length;
        uint32_t next = more ? from[i + 1] : 0;
        if (rule == SEPARATE_SYMBOLS && stands_alone(here)) {
            to[put++] = ' ';
            to[put++] = here;
            to[put++] = ' ';
        } else if (
            (rule == SEPARATE_AFTER_NON_DIGIT && more && !is_digit(here) && is_period_or_comma(next)) ||
            (rule == SEPARATE_DASH && more && is_digit(here) && next == '-')) {
            to[put++] = here;
            to[put++] = ' ';
            to[put++] = next;
            to[put++] = ' ';
            i++;
        } else if (rule == SEPARATE_BEFORE_NON_DIGIT && more && is_period_or_comma(here) && !is_digit(next)) {
            to[put++] = ' ';
            to[put++] = here;
            to[put++] = ' ';
            to[put++] = next;
            i++;
        } else {
            to[put++] = here;
        }
    }
    bench->text.length = put;
    return DONE;
}

static int contains(const uint32_t *text, size_t length, uint32_t c) {
    for (size_t i = 0; i < length; i++)
        if (text[i] == c) return 1;
    return 0;
}

/* mteval-v13a as sacrebleu's Tokenizer13a has it; the words are then the pieces between white space. */
static int tokenize_13a(const uint32_t *text, size_t length, Workbench *bench) {
    bench->text.length = 0;
    if (buffer_reserve(&bench->text, length + 2)) return OUT_OF_MEMORY;
    memcpy(bench->text.items, text, length * sizeof *text);
    bench->text.length = length;
    if (contains(text, length, '<') && replace(bench, "<skipped>", 0)) return OUT_OF_MEMORY;
    if (contains(text, length, '\n') && (replace(bench, "-\n", 0) || replace(bench, "\n", ' '))) return OUT_OF_MEMORY;
    if (contains(text, length, '&') && (replace(bench, "&quot;", '"') || replace(bench, "&amp;", '&') ||
                                        replace(bench, "&lt;", '<') || replace(bench, "&gt;", '>')))
        return OUT_OF_MEMORY;
    if (buffer_reserve(&bench->text, bench->text.length + 2)) return OUT_OF_MEMORY;
    memmove(bench->text.items + 1, bench->text.items, bench->text.length * sizeof *text);
    bench->text.items[0] = ' ';
    bench->text.items[bench->text.length + 1] = ' ';
    bench->text.length += 2;
    for (int rule = SEPARATE_SYMBOLS; rule <= SEPARATE_DASH; rule++)
        if (separate(bench, rule)) return OUT_OF_MEMORY;
    return DONE;
}

static int put_word(const uint32_t *word, size_t length, Table *words, int learn, Buffer *out) {
    uint32_t node = ROOT;
    for (size_t i = 0; i < length; i++) {
        node = learn ? table_insert(words, node, word[i]) : table_find(words, node, word[i]);
        if (node == NONE) break;
    }
    return buffer_put(out, node);
}

/* chrF's words: of a word of several characters, a last or else a first punctuation mark stands alone. */
static int put_chrf_word(const uint32_t *word, size_t length, Table *words, int learn, Buffer *out) {
    size_t cut = 0;
    if (length > 1 && is_ascii_punctuation(word[length - 1]))
        cut = length - 1;
    else if (length > 1 && is_ascii_punctuation(word[0]))
        cut = 1;
    if (cut && put_word(word, cut, words, learn, out)) return OUT_OF_MEMORY;
    return put_word(word + cut, length - cut, words, learn, out);
}

int read_words(const uint32_t *text, size_t length, int how, Table *words, int learn, Workbench *bench, Buffer *out) {
    if (how == TOKENIZE_13A || how == CHARACTERS)
        while (length && is_space(text[length - 1])) length--;
    if (how == TOKENIZE_13A) {
        if (tokenize_13a(text, length, bench)) return OUT_OF_MEMORY;
        text = bench->text.items;
        length = bench->text.length;
    }
    for (size_t i = 0; i < length;) {
        if (is_space(text[i])) {
            i++;
            continue;
        }
        size_t end = i + 1;
        while (how != CHARACTERS && end < length && !is_space(text[end])) end++;
        int failed = how == CHRF_WORDS ? put_chrf_word(text + i, end - i, words, learn, out)
                                       : put_word(text + i, end - i, words, learn, out);
        if (failed) return OUT_OF_MEMORY;
        i = end;
    }
    return DONE;
}

void workbench_free(Workbench *bench) {
    buffer_free(&bench->text);
    buffer_free(&bench->other);
}
