/* Counts of n-grams in common, for BLEU (words) and chrF (characters and words).

   An n-gram is the number of its first n-1 symbols and its last symbol, looked up in a table of its order: exact, for
   any order, with one look-up for each place in the text. */

#include <stdlib.h>
#include <string.h>

#include "kernels.h"

/* The n-grams of one order in one reference, or in several merged by their larger count. */
typedef struct {
    Table table;
    Buffer most; /* by n-gram: its count in the reference that has most of it */
    Buffer seen; /* by n-gram: its count in the text being read; zero between texts */
} Order;

typedef struct {
    Order *orders;
    int count;
    Buffer ids; /* by place in the text being read: its n-gram of the order being read */
} Profile;

static int profile_make(Profile *profile, int orders) {
    memset(profile, 0, sizeof *profile);
    profile->orders = calloc((size_t)orders, sizeof *profile->orders);
    profile->count = orders;
    return profile->orders || !orders ? DONE : OUT_OF_MEMORY;
}

static void profile_free(Profile *profile) {
    for (int n = 0; profile->orders && n < profile->count; n++) {
        table_free(&profile->orders[n].table);
        buffer_free(&profile->orders[n].most);
        buffer_free(&profile->orders[n].seen);
    }
    free(profile->orders);
    buffer_free(&profile->ids);
}

/* Forgets all references and makes room for new ones with so many symbols in all. */
static int profile_reset(Profile *profile, size_t symbols) {
    for (int n = 0; n < profile->count; n++) {
        Order *order = &profile->orders[n];
        if (table_reset(&order->table, symbols) || buffer_reserve(&order->most, symbols) ||
            buffer_reserve(&order->seen, symbols))
            return OUT_OF_MEMORY;
    }
    return DONE;
}

static size_t places(size_t length, int n) {
    return length > (size_t)n ? length - (size_t)n : 0;
}

/* Reads a reference. */
static int profile_add(Profile *profile, const uint32_t *symbols, size_t length) {
    if (buffer_reserve(&profile->ids, length)) return OUT_OF_MEMORY;
    uint32_t *ids = profile->ids.items;
    for (int n = 0; n < profile->count; n++) {
        Order *order = &profile->orders[n];
        uint32_t *most = order->most.items, *seen = order->seen.items;
        size_t count = places(length, n);
        for (size_t i = 0; i < count; i++) {
            uint32_t known = order->table.size;
            uint32_t id = table_insert(&order->table, n ? ids[i] : 0, symbols[i + (size_t)n]);
            if (id == known) most[id] = seen[id] = 0;
            ids[i] = id;
            seen[id]++;
        }
        for (size_t i = 0; i < count; i++) {
            if (seen[ids[i]] > most[ids[i]]) most[ids[i]] = seen[ids[i]];
            seen[ids[i]] = 0;
        }
    }
    return DONE;
}

/* Counts, for every order, the n-grams of a text that the references have too. */
static int profile_match(Profile *profile, const uint32_t *symbols, size_t length, double *matches) {
    if (buffer_reserve(&profile->ids, length)) return OUT_OF_MEMORY;
    uint32_t *ids = profile->ids.items;
    for (int n = 0; n < profile->count; n++) {
        Order *order = &profile->orders[n];
        const uint32_t *most = order->most.items;
        uint32_t *seen = order->seen.items;
        size_t count = places(length, n);
        uint32_t found = 0;
        for (size_t i = 0; i < count; i++) {
            uint32_t last = symbols[i + (size_t)n];
            if (last == NONE || (n && ids[i] == NONE)) {
                ids[i] = NONE;
                continue;
            }
            uint32_t id = table_find(&order->table, n ? ids[i] : 0, last);
            ids[i] = id;
            if (id != NONE && seen[id]++ < most[id]) found++;
        }
        for (size_t i = 0; i < count; i++)
            if (ids[i] != NONE) seen[ids[i]] = 0;
        matches[n] = found;
    }
    return DONE;
}

static size_t length_of(const int64_t *bounds, int64_t i) {
    return (size_t)(bounds[i + 1] - bounds[i]);
}

/* ---- BLEU: [length, reference length, matches of every order, totals of every order] ---- */

typedef struct {
    Table words;
    Workbench bench;
    Buffer symbols;
    Buffer lengths; /* words of each reference of the set */
    Profile profile;
} Bleu;

static int bleu_references(Bleu *bleu, const Portion *portion, int how, int64_t first, int64_t end) {
    size_t room = (size_t)(portion->reference_bounds[end] - portion->reference_bounds[first]);
    bleu->symbols.length = bleu->lengths.length = 0;
    if (table_reset(&bleu->words, room)) return OUT_OF_MEMORY;
    for (int64_t r = first; r < end; r++) {
        size_t before = bleu->symbols.length;
        if (read_words(portion->reference_text + portion->reference_bounds[r], length_of(portion->reference_bounds, r),
                       how, &bleu->words, 1, &bleu->bench, &bleu->symbols) ||
            buffer_put(&bleu->lengths, (uint32_t)(bleu->symbols.length - before)))
            return OUT_OF_MEMORY;
    }
    if (profile_reset(&bleu->profile, bleu->symbols.length)) return OUT_OF_MEMORY;
    size_t start = 0;
    for (size_t r = 0; r < bleu->lengths.length; start += bleu->lengths.items[r], r++)
        if (profile_add(&bleu->profile, bleu->symbols.items + start, bleu->lengths.items[r])) return OUT_OF_MEMORY;
    return DONE;
}

/* The length nearest to the hypothesis's, the shorter of two as near. */
static uint32_t closest(const Buffer *lengths, size_t length) {
    uint32_t best = 0;
    size_t best_apart = 0;
    for (size_t r = 0; r < lengths->length; r++) {
        uint32_t here = lengths->items[r];
        size_t apart = here > length ? here - length : length - here;
        if (r == 0 || apart < best_apart || (apart == best_apart && here < best)) {
            best = here;
            best_apart = apart;
        }
    }
    return best;
}

static int bleu_row(Bleu *bleu, const Portion *portion, int how, int order, int64_t i, Buffer *read, double *row) {
    read->length = 0;
    if (read_words(portion->hypothesis_text + portion->hypothesis_bounds[i], length_of(portion->hypothesis_bounds, i),
                   how, &bleu->words, 0, &bleu->bench, read))
        return OUT_OF_MEMORY;
    row[0] = (double)read->length;
    row[1] = closest(&bleu->lengths, read->length);
    for (int n = 0; n < order; n++) row[2 + order + n] = (double)places(read->length, n);
    return profile_match(&bleu->profile, read->items, read->length, row + 2);
}

int32_t harness_bleu(const Portion *portion, int32_t how, int32_t order, double *rows) {
    Bleu bleu = {0};
    Buffer read = {0};
    int failed = profile_make(&bleu.profile, order);
    int64_t set = -1;
    for (int64_t i = 0; !failed && i < portion->hypotheses; i++) {
        if (portion->set_of[i] != set) {
            set = portion->set_of[i];
            failed = bleu_references(&bleu, portion, how, portion->set_bounds[set], portion->set_bounds[set + 1]);
        }
        if (!failed) failed = bleu_row(&bleu, portion, how, order, i, &read, rows + i * (2 + 2 * order));
    }
    table_free(&bleu.words);
    workbench_free(&bleu.bench);
    buffer_free(&bleu.symbols);
    buffer_free(&bleu.lengths);
    buffer_free(&read);
    profile_free(&bleu.profile);
    return failed;
}

/* ---- chrF: [n-grams in the hypothesis, in the reference, in both] of every order, characters before words ---- */

typedef struct {
    Table words;
    Profile chars;
    Profile grams;
    size_t char_count;
    size_t word_count;
} Reference;

typedef struct {
    int char_order;
    int word_order;
    int keep_spaces;
    double beta;
    Workbench bench;
    Buffer chars;
    Buffer symbols;
    Reference *references;
    size_t room;
    size_t count;
    double *matches;
    double *row;
} Chrf;

static int chrf_chars(Chrf *chrf, const uint32_t *text, size_t length) {
    chrf->chars.length = 0;
    if (buffer_reserve(&chrf->chars, length)) return OUT_OF_MEMORY;
    for (size_t i = 0; i < length; i++)
        if (chrf->keep_spaces || !is_space(text[i])) chrf->chars.items[chrf->chars.length++] = text[i];
    return DONE;
}

static int chrf_grow(Chrf *chrf, size_t room) {
    if (room <= chrf->room) return DONE;
    Reference *references = realloc(chrf->references, room * sizeof *references);
    if (!references) return OUT_OF_MEMORY;
    chrf->references = references;
    for (; chrf->room < room; chrf->room++) {
        Reference *made = &references[chrf->room];
        memset(made, 0, sizeof *made);
        if (profile_make(&made->chars, chrf->char_order)) return OUT_OF_MEMORY;
        if (profile_make(&made->grams, chrf->word_order)) {
            profile_free(&made->chars);
            return OUT_OF_MEMORY;
        }
    }
    return DONE;
}

static int chrf_references(Chrf *chrf, const Portion *portion, int64_t first, int64_t end) {
    chrf->count = (size_t)(end - first);
    if (chrf_grow(chrf, chrf->count)) return OUT_OF_MEMORY;
    for (int64_t r = first; r < end; r++) {
        Reference *reference = &chrf->references[r - first];
        const uint32_t *text = portion->reference_text + portion->reference_bounds[r];
        size_t length = length_of(portion->reference_bounds, r);
        if (chrf_chars(chrf, text, length)) return OUT_OF_MEMORY;
        reference->char_count = chrf->chars.length;
        if (profile_reset(&reference->chars, chrf->chars.length) ||
            profile_add(&reference->chars, chrf->chars.items, chrf->chars.length))
            return OUT_OF_MEMORY;
        if (!chrf->word_order) continue;
        chrf->symbols.length = 0;
        if (table_reset(&reference->words, length) ||
            read_words(text, length, CHRF_WORDS, &reference->words, 1, &chrf->bench, &chrf->symbols) ||
            profile_reset(&reference->grams, chrf->symbols.length) ||
            profile_add(&reference->grams, chrf->symbols.items, chrf->symbols.length))
            return OUT_OF_MEMORY;
        reference->word_count = chrf->symbols.length;
    }
    return DONE;
}

/* sacrebleu's F-score of one row, operation for operation: which of several references is best hangs on its bits. */
static double f_score(const double *row, int orders, double beta) {
    double factor = beta * beta, precision = 0.0, recall = 0.0;
    int effective = 0;
    for (int n = 0; n < orders; n++) {
        double hypothesis = row[3 * n], reference = row[3 * n + 1], both = row[3 * n + 2];
        if (hypothesis > 0 && reference > 0) {
            precision += both / hypothesis;
            recall += both / reference;
            effective++;
        }
    }
    if (!effective) return 0.0;
    precision /= effective;
    recall /= effective;
    if (precision + recall == 0.0) return 0.0;
    double score = (1.0 + factor) * precision * recall;
    score /= (factor * precision) + recall;
    return 100.0 * score;
}

static void put_counts(double *row, const double *matches, int orders, size_t hypothesis, size_t reference) {
    for (int n = 0; n < orders; n++) {
        size_t there = places(reference, n);
        row[3 * n] = there ? (double)places(hypothesis, n) : 0.0; /* counts only where the reference has some */
        row[3 * n + 1] = (double)there;
        row[3 * n + 2] = matches[n];
    }
}

static int chrf_row(Chrf *chrf, const uint32_t *text, size_t length, double *best) {
    int orders = chrf->char_order + chrf->word_order;
    double best_score = -1.0;
    if (chrf_chars(chrf, text, length)) return OUT_OF_MEMORY;
    for (size_t r = 0; r < chrf->count; r++) {
        Reference *reference = &chrf->references[r];
        chrf->symbols.length = 0;
        if (profile_match(&reference->chars, chrf->chars.items, chrf->chars.length, chrf->matches)) return OUT_OF_MEMORY;
        put_counts(chrf->row, chrf->matches, chrf->char_order, chrf->chars.length, reference->char_count);
        if (chrf->word_order) {
            if (read_words(text, length, CHRF_WORDS, &reference->words, 0, &chrf->bench, &chrf->symbols) ||
                profile_match(&reference->grams, chrf->symbols.items, chrf->symbols.length, chrf->matches))
                return OUT_OF_MEMORY;
            put_counts(chrf->row + 3 * chrf->char_order, chrf->matches, chrf->word_order, chrf->symbols.length,
                       reference->word_count);
        }
        double score = f_score(chrf->row, orders, chrf->beta);
        if (score > best_score) {
            best_score = score;
            memcpy(best, chrf->row, (size_t)(3 * orders) * sizeof *best);
        }
    }
    return DONE;
}

static void chrf_free(Chrf *chrf) {
    for (size_t r = 0; r < chrf->room; r++) {
        table_free(&chrf->references[r].words);
        profile_free(&chrf->references[r].chars);
        profile_free(&chrf->references[r].grams);
    }
    free(chrf->references);
    workbench_free(&chrf->bench);
    buffer_free(&chrf->chars);
    buffer_free(&chrf->symbols);
    free(chrf->matches);
    free(chrf->row);
}

int32_t harness_chrf(
    const Portion *portion, int32_t char_order, int32_t word_order, int32_t keep_spaces, double beta, double *rows) {
    int orders = char_order + word_order;
    Chrf chrf = {.char_order = char_order, .word_order = word_order, .keep_spaces = keep_spaces, .beta = beta};
    chrf.matches = calloc((size_t)orders, sizeof *chrf.matches);
    chrf.row = calloc((size_t)(3 * orders), sizeof *chrf.row);
    int failed = chrf.matches && chrf.row ? DONE : OUT_OF_MEMORY;
    int64_t set = -1;
    for (int64_t i = 0; !failed && i < portion->hypotheses; i++) {
        if (portion->set_of[i] != set) {
            set = portion->set_of[i];
            failed = chrf_references(&chrf, portion, portion->set_bounds[set], portion->set_bounds[set + 1]);
        }
        if (!failed)
            failed = chrf_row(&chrf, portion->hypothesis_text + portion->hypothesis_bounds[i],
                              length_of(portion->hypothesis_bounds, i), rows + i * 3 * orders);
    }
    chrf_free(&chrf);
    return failed;
}
