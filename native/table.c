/* Growing buffers and an exact hash table. */

#include <stdlib.h>
#include <string.h>

#include "kernels.h"

int buffer_reserve(Buffer *buffer, size_t room) {
    if (room <= buffer->room) return DONE;
    size_t wanted = buffer->room ? buffer->room : 256;
    while (wanted < room) wanted *= 2;
    uint32_t *items = realloc(buffer->items, wanted * sizeof *items);
    if (!items) return OUT_OF_MEMORY;
    buffer->items = items;
    buffer->room = wanted;
    return DONE;
}

int buffer_put(Buffer *buffer, uint32_t item) {
    if (buffer->length == buffer->room && buffer_reserve(buffer, buffer->length + 1)) return OUT_OF_MEMORY;
    buffer->items[buffer->length++] = item;
    return DONE;
}

void buffer_free(Buffer *buffer) {
    free(buffer->items);
}

/* Empties the table and makes room for so many entries, all that will be inserted before the next reset. */
int table_reset(Table *table, size_t entries) {
    size_t slots = 64;
    int shift = 64 - 6;
    while (slots < 2 * entries) {
        slots *= 2;
        shift--;
    }
    if (slots > table->slots) {
        uint64_t *keys = malloc(slots * sizeof *keys);
        uint32_t *ids = malloc(slots * sizeof *ids);
        if (!keys || !ids) {
            free(keys);
            free(ids);
            return OUT_OF_MEMORY;
        }
        table_free(table);
        table->keys = keys;
        table->ids = ids;
        table->slots = slots;
    }
    /* A large table is not swept for a short text: only as many slots as this text needs are used. */
    table->shift = shift;
    memset(table->ids, 0xFF, slots * sizeof *table->ids);
    table->size = 0;
    return DONE;
}

static uint64_t key_of(uint32_t left, uint32_t right) {
    return (uint64_t)left << 32 | right;
}

/* The slot that holds a key, or the free one where it belongs. */
static size_t slot_of(const Table *table, uint64_t key) {
    size_t mask = ((size_t)1 << (64 - table->shift)) - 1;
    size_t slot = (size_t)((key * 0x9E3779B97F4A7C15u) >> table->shift);
    while (table->ids[slot] != NONE && table->keys[slot] != key) slot = (slot + 1) & mask;
    return slot;
}

uint32_t table_find(const Table *table, uint32_t left, uint32_t right) {
    return table->ids[slot_of(table, key_of(left, right))];
}

uint32_t table_insert(Table *table, uint32_t left, uint32_t right) {
    uint64_t key = key_of(left, right);
    size_t slot = slot_of(table, key);
    if (table->ids[slot] == NONE) {
        table->keys[slot] = key;
        table->ids[slot] = table->size++;
    }
    return table->ids[slot];
}

void table_free(Table *table) {
    free(table->keys);
    free(table->ids);
    table->keys = NULL;
    table->ids = NULL;
    table->slots = 0;
}

int32_t harness_kernels_version(void) {
    return KERNELS_VERSION;
}
