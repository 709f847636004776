/* Squares64 (Widynski 2020, arXiv:2004.06278) under our counter layout, handed to the batteries of TestU01.
 *
 *     squares64 TASK PART GENERATOR KEYS FIELD=SIZE ...
 *
 * TASK       "words" prints 1000 words; "small" and "crush" run SmallCrush and Crush, and print every p-value
 * PART       "high" or "low" 32 bits of each word, or either of them bit-reversed: "high-reversed", "low-reversed"
 * GENERATOR  "squares", or "bare": counter times key without a single round, which any battery must reject
 * KEYS       a file with one hexadecimal key a line
 * FIELD=SIZE the traversal: the fields of the counter, the fastest first, and how many values each takes
 *
 * The algorithm and the layout are written anew from their descriptions, so that an error would have to be made twice.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bbattery.h"
#include "swrite.h"
#include "unif01.h"

struct field {
    const char *name;
    int shift, bits;
};

/* The last bit of each field, and its width. "key" is no field of the counter: it chooses among the keys. */
static const struct field LAYOUT[] = {
    {"occurrence", 0, 16}, {"decision", 16, 6}, {"stage", 22, 3}, {"member", 25, 4},
    {"index", 29, 27},     {"channel", 56, 5},  {"key", -1, 20},
};

enum { FIELDS = sizeof LAYOUT / sizeof LAYOUT[0] };

static struct {
    int shift;
    uint64_t size, value;
} digits[FIELDS];
static int used;

static uint64_t counter, *keys;
static size_t n_keys, chosen;
static int bare, high, reversed;

static uint64_t half_turn(uint64_t x) { return x << 32 | x >> 32; }

static uint64_t squares64(uint64_t n, uint64_t key)
{
    const uint64_t weyl[2] = {n * key, (n + 1) * key};
    uint64_t x = weyl[0], fourth = 0;
    for (int round = 0; round < 5; round++) {
        fourth = x;
        x = x * x + weyl[round % 2];
        if (round < 4)
            x = half_turn(x);
    }
    return half_turn(fourth) ^ x >> 32;
}

static uint64_t next_word(void)
{
    uint64_t word = bare ? counter * keys[chosen] : squares64(counter, keys[chosen]);
    for (int d = 0; d < used; d++) {
        int wraps = ++digits[d].value == digits[d].size;
        if (wraps)
            digits[d].value = 0;
        if (digits[d].shift < 0)
            chosen = digits[d].value;
        else
            counter += (wraps ? 1 - digits[d].size : UINT64_C(1)) << digits[d].shift;
        if (!wraps)
            break;
    }
    return word;
}

static unsigned int next_part(void)
{
    uint64_t word = next_word();
    uint32_t part = high ? word >> 32 : word;
    if (reversed) {
        part = part >> 16 | part << 16;
        part = (part & 0xff00ff00u) >> 8 | (part & 0x00ff00ffu) << 8;
        part = (part & 0xf0f0f0f0u) >> 4 | (part & 0x0f0f0f0fu) << 4;
        part = (part & 0xccccccccu) >> 2 | (part & 0x33333333u) << 2;
        part = (part & 0xaaaaaaaau) >> 1 | (part & 0x55555555u) << 1;
    }
    return part;
}

static void refuse(const char *what)
{
    fprintf(stderr, "squares64: cannot use %s\n", what);
    exit(2);
}

static void read_keys(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        refuse(path);
    size_t room = 0;
    unsigned long long key;
    while (fscanf(file, "%llx", &key) == 1) {
        if (n_keys == room)
            keys = realloc(keys, (room = 2 * room + 64) * sizeof *keys);
        if (!keys)
            refuse(path);
        keys[n_keys++] = key;
    }
    fclose(file);
    if (!n_keys)
        refuse(path);
}

static void read_digit(const char *text)
{
    for (int f = 0; f < FIELDS; f++) {
        size_t length = strlen(LAYOUT[f].name);
        if (strncmp(text, LAYOUT[f].name, length) || text[length] != '=')
            continue;
        uint64_t size = strtoull(text + length + 1, NULL, 10);
        uint64_t most = LAYOUT[f].shift < 0 ? n_keys : UINT64_C(1) << LAYOUT[f].bits;
        if (size < 1 || size > most || used == FIELDS)
            refuse(text);
        digits[used].shift = LAYOUT[f].shift;
        digits[used++].size = size;
        return;
    }
    refuse(text);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        refuse("so few arguments");
    high = !strncmp(argv[2], "high", 4);
    reversed = strstr(argv[2], "reversed") != NULL;
    bare = !strcmp(argv[3], "bare");
    read_keys(argv[4]);
    for (int a = 5; a < argc; a++)
        read_digit(argv[a]);

    if (!strcmp(argv[1], "words")) {
        for (int n = 0; n < 1000; n++)
            printf("%016llx\n", (unsigned long long)next_word());
        return 0;
    }
    swrite_Basic = FALSE;
    unif01_Gen *generator = unif01_CreateExternGenBits("Squares64", next_part);
    if (!strcmp(argv[1], "small"))
        bbattery_SmallCrush(generator);
    else if (!strcmp(argv[1], "crush"))
        bbattery_Crush(generator);
    else
        refuse(argv[1]);
    for (int t = 0; t < bbattery_NTests; t++)
        printf("p-value\t%s\t%.17g\n", bbattery_TestNames[t], bbattery_pVal[t]);
    unif01_DeleteExternGenBits(generator);
    return 0;
}
