/* Translation edit rate: [edits to the nearest reference, mean length of the references].

   The algorithm of Tercom (Snover et al. 2006) as sacrebleu states it: block shifts chosen greedily by a beam-limited
   edit distance, with Tercom's limits and order of preference. sacrebleu remembers rows of the matrix by the words
   that lead to them; here a candidate goes on from the row where it leaves the words it was made of. Both are the same
   numbers, because all candidates have as many words. */

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

enum { MOST_WORDS_MOVED = 10, FARTHEST_MOVE = 50, BEAM = 25, MOST_CANDIDATES = 1000 };

/* Larger than any distance, and still one when a few are added. */
#define FAR (INT32_MAX / 2)

/* Beyond so many cells (words times words) a segment is left to the caller: 5 bytes for each. */
#define MOST_CELLS ((size_t)1 << 25)

#define LEFT_TO_CALLER (-1.0)

enum { UNDEFINED, SAME, SUBSTITUTE, ADD, DROP };

typedef struct {
    const uint32_t *reference;
    size_t reference_length;
    size_t length; /* words of the hypothesis */
    double ratio;
    double beam;
    int32_t *costs; /* (length + 1, reference_length + 1), of the words as shifted so far */
    uint8_t *steps; /* the last step to each cell */
    int32_t *scratch; /* two rows */
    uint32_t *words;
    uint32_t *candidate;
    uint32_t *best;
    int32_t *place; /* by word of the reference: the word of the hypothesis aligned with it, or the last before */
    uint8_t *reference_wrong;
    uint8_t *hypothesis_wrong;
} Work;

/* What makes one shift better than another, the first difference deciding. */
typedef struct {
    int found;
    int32_t gain;
    int32_t length;
    int32_t start;
    int32_t target;
} Shift;

static void fill_row(const Work *work, size_t i, uint32_t word, const int32_t *above, int32_t *row, uint8_t *steps) {
    size_t width = work->reference_length + 1;
    double diagonal = floor((double)i * work->ratio);
    double from = diagonal - work->beam, until = diagonal + work->beam;
    size_t low = from > 0 ? (size_t)from : 0;
    size_t high = until < (double)width ? (until > 0 ? (size_t)until : 0) : width;
    if (i == work->length) high = width;
    for (size_t j = 0; j < width; j++) row[j] = FAR;
    if (steps) memset(steps, UNDEFINED, width);
    for (size_t j = low; j < high; j++) {
        if (j == 0) {
            row[0] = above[0] + 1;
            if (steps) steps[0] = DROP;
            continue;
        }
        int same = word == work->reference[j - 1];
        int32_t cost = above[j - 1] + !same;
        uint8_t step = same ? SAME : SUBSTITUTE;
        if (cost >= FAR) {
            cost = FAR;
            step = UNDEFINED;
        }
        if (above[j] + 1 < cost) {
            cost = above[j] + 1;
            step = DROP;
        }
        if (row[j - 1] + 1 < cost) {
            cost = row[j - 1] + 1;
            step = ADD;
        }
        row[j] = cost;
        if (steps) steps[j] = step;
    }
}

/* Fills the matrix for `words` from row `start` on and returns the distance. */
static int32_t fill_matrix(Work *work, size_t start) {
    size_t width = work->reference_length + 1;
    for (size_t i = start + 1; i <= work->length; i++)
        fill_row(work, i, work->words[i - 1], work->costs + (i - 1) * width, work->costs + i * width,
                 work->steps + i * width);
    return work->costs[(work->length + 1) * width - 1];
}

/* The distance of `candidate`, which begins with the same `start` words as `words`. */
static int32_t distance_of_candidate(const Work *work, size_t start) {
    size_t width = work->reference_length + 1;
    const int32_t *above = work->costs + start * width;
    for (size_t i = start + 1; i <= work->length; i++) {
        int32_t *row = work->scratch + (i & 1) * width;
        fill_row(work, i, work->candidate[i - 1], above, row, NULL);
        above = row;
    }
    return above[width - 1];
}

/* Walks back through the matrix: which word stands for which, and which words are wrong. */
static void align(Work *work) {
    size_t width = work->reference_length + 1, i = work->length, j = work->reference_length;
    while (i > 0 || j > 0) {
        uint8_t step = work->steps[i * width + j];
        if (step == SAME || step == SUBSTITUTE) {
            i--;
            j--;
            work->place[j] = (int32_t)i;
            work->hypothesis_wrong[i] = work->reference_wrong[j] = step == SUBSTITUTE;
        } else if (step == ADD) {
            j--;
            work->place[j] = (int32_t)i - 1;
            work->reference_wrong[j] = 1;
        } else {
            i--;
            work->hypothesis_wrong[i] = 1;
        }
    }
}

static int any(const uint8_t *flags, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (flags[i]) return 1;
    return 0;
}

/* Moves `length` words from `start` to `target`, into `candidate`. */
static void move_words(const Work *work, size_t start, size_t length, size_t target) {
    const uint32_t *words = work->words;
    uint32_t *to = work->candidate;
    size_t total = work->length, size = sizeof *words;
    if (target < start) {
        memcpy(to, words, target * size);
        memcpy(to + target, words + start, length * size);
        memcpy(to + target + length, words + target, (start - target) * size);
        memcpy(to + start + length, words + start + length, (total - start - length) * size);
        return;
    }
    /* Within or just behind the words moved, the target counts from where they were. */
    size_t end = target > start + length ? target : target + length;
    if (end > total) end = total;
    size_t between = end - start - length;
    memcpy(to, words, start * size);
    memcpy(to + start, words + start + length, between * size);
    memcpy(to + start + between, words + start, length * size);
    memcpy(to + end, words + end, (total - end) * size);
}

static int better(const Shift *one, const Shift *other) {
    if (!other->found || one->gain != other->gain) return !other->found || one->gain > other->gain;
    if (one->length != other->length) return one->length > other->length;
    if (one->start != other->start) return one->start < other->start;
    return one->target < other->target;
}

/* Tries to put the words that match reference words `start_r`... beside the place of these. */
static void try_targets(
    Work *work, int32_t before, size_t start, size_t start_r, size_t length, Shift *best, int32_t *candidates) {
    int64_t last = -1;
    for (int64_t offset = -1; offset < (int64_t)length; offset++) {
        int64_t there = (int64_t)start_r + offset, target = 0;
        if (there >= 0) {
            if (there >= (int64_t)work->reference_length) break;
            target = (int64_t)work->place[there] + 1;
        }
        if (target == last) continue;
        last = target;
        move_words(work, start, length, (size_t)target);
        size_t same = (size_t)target < start ? (size_t)target : start;
        Shift shift = {1, before - distance_of_candidate(work, same), (int32_t)length, (int32_t)start, (int32_t)target};
        ++*candidates;
        if (better(&shift, best)) {
            *best = shift;
            memcpy(work->best, work->candidate, work->length * sizeof *work->best);
        }
    }
}

/* Whether moving these words could help: both places are wrong, and the words are not aligned with themselves. */
static int worth_trying(const Work *work, size_t start, size_t start_r, size_t length) {
    int32_t place = work->place[start_r];
    return any(work->hypothesis_wrong + start, length) && any(work->reference_wrong + start_r, length) &&
           !((int32_t)start <= place && place < (int32_t)(start + length));
}

static Shift best_shift(Work *work, int32_t before, int32_t *candidates) {
    Shift best = {0};
    for (size_t start = 0; start < work->length; start++) {
        for (size_t start_r = 0; start_r < work->reference_length; start_r++) {
            size_t apart = start > start_r ? start - start_r : start_r - start;
            if (apart > FARTHEST_MOVE) continue;
            for (size_t length = 0; length < MOST_WORDS_MOVED;) {
                if (start + length == work->length || start_r + length == work->reference_length) break;
                if (work->words[start + length] != work->reference[start_r + length]) break;
                length++;
                if (!worth_trying(work, start, start_r, length)) continue;
                try_targets(work, before, start, start_r, length, &best, candidates);
                if (*candidates >= MOST_CANDIDATES) return best;
            }
        }
    }
    return best;
}

static int32_t count_edits(Work *work) {
    int32_t shifts = 0, candidates = 0;
    size_t width = work->reference_length + 1;
    for (size_t j = 0; j < width; j++) {
        work->costs[j] = (int32_t)j;
        work->steps[j] = ADD;
    }
    int32_t distance = fill_matrix(work, 0);
    for (;;) {
        align(work);
        Shift shift = best_shift(work, distance, &candidates);
        if (candidates >= MOST_CANDIDATES || !shift.found || shift.gain <= 0) break;
        memcpy(work->words, work->best, work->length * sizeof *work->words);
        distance = fill_matrix(work, (size_t)(shift.target < shift.start ? shift.target : shift.start));
        shifts++;
    }
    return shifts + distance;
}

/* Room for one pair of texts; what there was before is lost. */
static int work_reserve(Work *work, size_t *cells, size_t *words, size_t length, size_t reference_length) {
    size_t wanted_cells = (length + 1) * (reference_length + 1);
    size_t wanted_words = (length > reference_length ? length : reference_length) + 1;
    if (wanted_cells > *cells) {
        free(work->costs);
        free(work->steps);
        work->costs = malloc(wanted_cells * sizeof *work->costs);
        work->steps = malloc(wanted_cells);
        *cells = work->costs && work->steps ? wanted_cells : 0;
        if (!*cells) return OUT_OF_MEMORY;
    }
    if (wanted_words > *words) {
        free(work->scratch);
        free(work->words);
        free(work->candidate);
        free(work->best);
        free(work->place);
        free(work->reference_wrong);
        free(work->hypothesis_wrong);
        work->scratch = malloc(2 * wanted_words * sizeof *work->scratch);
        work->words = malloc(wanted_words * sizeof *work->words);
        work->candidate = malloc(wanted_words * sizeof *work->candidate);
        work->best = malloc(wanted_words * sizeof *work->best);
        work->place = malloc(wanted_words * sizeof *work->place);
        work->reference_wrong = malloc(wanted_words);
        work->hypothesis_wrong = malloc(wanted_words);
        int there = work->scratch && work->words && work->candidate && work->best && work->place &&
                    work->reference_wrong && work->hypothesis_wrong;
        *words = there ? wanted_words : 0;
        if (!there) return OUT_OF_MEMORY;
    }
    return DONE;
}

static void work_free(Work *work) {
    free(work->costs);
    free(work->steps);
    free(work->scratch);
    free(work->words);
    free(work->candidate);
    free(work->best);
    free(work->place);
    free(work->reference_wrong);
    free(work->hypothesis_wrong);
}

typedef struct {
    Table words;
    Workbench bench;
    Buffer reference; /* the words of all references of the set */
    Buffer lengths;
    Buffer hypothesis;
    Work work;
    size_t cells;
    size_t room;
} Ter;

static int ter_references(Ter *ter, const Portion *portion, int64_t first, int64_t end) {
    ter->reference.length = ter->lengths.length = 0;
    size_t room = (size_t)(portion->reference_bounds[end] - portion->reference_bounds[first]);
    if (table_reset(&ter->words, room)) return OUT_OF_MEMORY;
    for (int64_t r = first; r < end; r++) {
        size_t before = ter->reference.length;
        const int64_t *bounds = portion->reference_bounds + r;
        if (read_words(portion->reference_text + bounds[0], (size_t)(bounds[1] - bounds[0]), SPLIT, &ter->words, 1,
                       &ter->bench, &ter->reference) ||
            buffer_put(&ter->lengths, (uint32_t)(ter->reference.length - before)))
            return OUT_OF_MEMORY;
    }
    return DONE;
}

static int ter_row(Ter *ter, const uint32_t *text, size_t size, double *row) {
    Work *work = &ter->work;
    ter->hypothesis.length = 0;
    if (read_words(text, size, SPLIT, &ter->words, 0, &ter->bench, &ter->hypothesis)) return OUT_OF_MEMORY;
    size_t length = ter->hypothesis.length, start = 0;
    double fewest = -1.0;
    for (size_t r = 0; r < ter->lengths.length; r++) {
        size_t reference_length = ter->lengths.items[r];
        double edits = (double)length;
        if (reference_length) {
            if ((length + 1) > MOST_CELLS / (reference_length + 1)) {
                row[0] = LEFT_TO_CALLER;
                return DONE;
            }
            if (work_reserve(work, &ter->cells, &ter->room, length, reference_length)) return OUT_OF_MEMORY;
            work->reference = ter->reference.items + start;
            work->reference_length = reference_length;
            work->length = length;
            work->ratio = length ? (double)reference_length / (double)length : 1.0;
            work->beam = BEAM < work->ratio / 2 ? ceil(work->ratio / 2 + BEAM) : BEAM;
            memcpy(work->words, ter->hypothesis.items, length * sizeof *work->words);
            edits = count_edits(work);
        }
        if (r == 0 || edits < fewest) fewest = edits;
        start += reference_length;
    }
    row[0] = fewest;
    row[1] = (double)start / (double)ter->lengths.length;
    return DONE;
}

int32_t harness_ter(const Portion *portion, double *rows) {
    Ter ter = {0};
    int failed = DONE;
    int64_t set = -1;
    for (int64_t i = 0; !failed && i < portion->hypotheses; i++) {
        if (portion->set_of[i] != set) {
            set = portion->set_of[i];
            failed = ter_references(&ter, portion, portion->set_bounds[set], portion->set_bounds[set + 1]);
        }
        const int64_t *bounds = portion->hypothesis_bounds + i;
        if (!failed)
            failed = ter_row(&ter, portion->hypothesis_text + bounds[0], (size_t)(bounds[1] - bounds[0]), rows + 2 * i);
    }
    table_free(&ter.words);
    workbench_free(&ter.bench);
    buffer_free(&ter.reference);
    buffer_free(&ter.lengths);
    buffer_free(&ter.hypothesis);
    work_free(&ter.work);
    return failed;
}
