/* Statistics of string metrics, computed as sacrebleu computes them, and the alignment of sentences.

   The functions of metrics take one portion of a corpus and write one row of doubles for each hypothesis. Text is
   UTF-32, one number for each code point, exactly as Python sees it; lone surrogates are code points like any other.
   Nothing here knows Python: the library is loaded with ctypes and works with every version of it. */

#ifndef HARNESS_KERNELS_H
#define HARNESS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Changes with the signature or the meaning of any exported function; the loader refuses another number. */
#define KERNELS_VERSION 1

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

enum { DONE = 0, OUT_OF_MEMORY = 1, UNKNOWN_CHARACTER = 2 };

/* No symbol, no n-gram, no place. */
#define NONE UINT32_MAX

/* Hypotheses and the sets of references they are scored against. Text i lies between bounds[i] and bounds[i + 1]. */
typedef struct {
    int64_t hypotheses;
    const uint32_t *hypothesis_text;
    const int64_t *hypothesis_bounds;
    const int64_t *set_of; /* the set of each hypothesis; those of one set follow each other */
    const uint32_t *reference_text;
    const int64_t *reference_bounds;
    const int64_t *set_bounds; /* set s holds the references set_bounds[s] to set_bounds[s + 1] */
} Portion;

/* The sentences of one text, one after another: sentence i lies between bounds[i] and bounds[i + 1]. */
typedef struct {
    int64_t count;
    const uint32_t *text;
    const int64_t *bounds;
    const uint32_t *folded; /* the same sentences without case, which may be longer */
    const int64_t *folded_bounds;
    const double *to; /* to[i]: the length of the sentences before i; a sentence counts 1 at least */
} Sentences;

/* What the alignment of sentences weighs, in nats; the names of sentence_alignment.py. */
typedef struct {
    double lost, joined, joined_without_mark, joined_more;
    double most_words, worst_length, most_cost;
    double broadest, spread_squared, spread_per_character;
    double joint_share, joint_characters;
    const uint16_t *classes; /* by code point, 0x110000 of them: what a character is, as bits; 0: unknown */
} Weights;

/* How a text becomes words. */
enum { SPLIT = 0, TOKENIZE_13A = 1, CHARACTERS = 2, CHRF_WORDS = 3 };

/* Numbers in a row, growing as needed. */
typedef struct {
    uint32_t *items;
    size_t length;
    size_t room;
} Buffer;

/* A map from pairs of numbers to 0, 1, 2 ..., in the order of their first insertion. Exact: keys are compared. */
typedef struct {
    uint64_t *keys;
    uint32_t *ids;
    size_t slots; /* a power of two, at least twice the number of entries; 0 before first use */
    uint32_t size;
    int shift;
} Table;

/* Scratch space of the tokenizer. */
typedef struct {
    Buffer text;
    Buffer other;
} Workbench;

int buffer_reserve(Buffer *buffer, size_t room);
int buffer_put(Buffer *buffer, uint32_t item);
void buffer_free(Buffer *buffer);

int table_reset(Table *table, size_t entries);
uint32_t table_find(const Table *table, uint32_t left, uint32_t right);
uint32_t table_insert(Table *table, uint32_t left, uint32_t right);
void table_free(Table *table);

int is_space(uint32_t c);

/* Appends one number for each word of a text; equal words get equal numbers. With `learn`, new words enter `words`;
   without it, a word that is not there becomes NONE. */
int read_words(const uint32_t *text, size_t length, int how, Table *words, int learn, Workbench *bench, Buffer *out);
void workbench_free(Workbench *bench);

EXPORT int32_t harness_kernels_version(void);
EXPORT int32_t harness_bleu(const Portion *portion, int32_t how, int32_t order, double *rows);
EXPORT int32_t harness_chrf(
    const Portion *portion, int32_t char_order, int32_t word_order, int32_t keep_spaces, double beta, double *rows);
EXPORT int32_t harness_ter(const Portion *portion, double *rows);
EXPORT int32_t harness_lost_sentence(const Sentences *whole, const Sentences *part, int32_t reading, double ratio,
    double scale, const Weights *weights, double *evidence);

#endif
