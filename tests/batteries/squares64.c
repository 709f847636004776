/* Squares64 (Widynski 2020, arXiv:2004.06278) under our counter layout, handed to the batteries of TestU01.
 *
 *     squares64 TASK PART GENERATOR WORDS FIELD=SIZE ...
 *
 * TASK       "words" prints 1000 words; "small" and "crush" run SmallCrush and Crush, and print every p-value
 * PART       "high" or "low" 32 bits of each word, or either of them bit-reversed: "high-reversed", "low-reversed"
 * GENERATOR  "squares"; "bases", the words of which an actor's base is taken; or "bare": base and number without a
 *            single round, which any battery must reject
 * WORDS      a file of lines "key HEX", "channel HEX" and "lead HEX": keys, 32 bits of the digest of a channel's name,
 *            61 bits of that of a lead's id
 * FIELD=SIZE the traversal: the fields of a number's meaning, the fastest first, and how many values each takes
 *
 * Who it is: with "lead" the export's lead, with "asset" the asset of that serial number, else the buyer of "channel" and
 * "index". The algorithm and the layout are written anew from their descriptions, so that an error would have to be made
 * twice.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bbattery.h"
#include "swrite.h"
#include "unif01.h"

enum { OCCURRENCE, DECISION, STAGE, MEMBER, INDEX, ASSET, CHANNEL, LEAD, KEY, FIELDS };

/* What is decided is added to the base: the last bit of each such field. The others say whose base it is, and which key. */
static const char *const NAMES[FIELDS] = {"occurrence", "decision", "stage", "member", "index",
                                          "asset",      "channel",  "lead",  "key"};
static const int SHIFT[] = {0, 16, 24, 27}, BITS[] = {16, 8, 3, 4, 27, 60};

static struct {
    uint64_t *word;
    size_t count, room;
} list[FIELDS]; /* of channels, leads and keys */

static struct {
    int field;
    uint64_t size;
} digits[FIELDS];
static int used;

static uint64_t value[FIELDS], base;
static int is_lead, is_asset, bare, bases, high, reversed;

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

static uint64_t mixed(uint64_t n)
{
    uint64_t key = list[KEY].word[value[KEY]];
    return bare ? n * key : squares64(n, key);
}

/* Kind in the first two bits: 0 a buyer, 1 an asset. Of a buyer's other 62 bits the first says whether it is a lead. */
static uint64_t actor(void)
{
    if (is_asset)
        return UINT64_C(1) << 62 | value[ASSET];
    if (is_lead)
        return UINT64_C(1) << 61 | list[LEAD].word[value[LEAD]];
    return list[CHANNEL].word[value[CHANNEL]] << 27 | value[INDEX];
}

static uint64_t next_word(void)
{
    uint64_t word = base, n = base >> 2;
    if (!bases) {
        for (int f = OCCURRENCE; f <= MEMBER; f++)
            n += value[f] << SHIFT[f];
        word = mixed(n);
    }
    int another = 0;
    for (int d = 0; d < used; d++) {
        int field = digits[d].field;
        another |= field > MEMBER;
        if (++value[field] < digits[d].size)
            break;
        value[field] = 0;
    }
    if (another)
        base = mixed(actor());
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

static int field_of(const char *text, size_t length)
{
    for (int f = 0; f < FIELDS; f++)
        if (strlen(NAMES[f]) == length && !strncmp(text, NAMES[f], length))
            return f;
    refuse(text);
    return 0;
}

static void read_words(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        refuse(path);
    char name[16];
    unsigned long long word;
    while (fscanf(file, "%15s %llx", name, &word) == 2) {
        int f = field_of(name, strlen(name));
        if (f < CHANNEL)
            refuse(name);
        if (list[f].count == list[f].room)
            list[f].word = realloc(list[f].word, (list[f].room = 2 * list[f].room + 64) * sizeof(uint64_t));
        if (!list[f].word)
            refuse(path);
        list[f].word[list[f].count++] = word;
    }
    fclose(file);
    if (!list[KEY].count || !list[CHANNEL].count)
        refuse(path);
}

static void read_digit(const char *text)
{
    const char *sign = strchr(text, '=');
    if (!sign || used == FIELDS)
        refuse(text);
    int f = field_of(text, sign - text);
    uint64_t size = strtoull(sign + 1, NULL, 10), most = f < CHANNEL ? UINT64_C(1) << BITS[f] : list[f].count;
    if (size < 1 || size > most)
        refuse(text);
    is_lead |= f == LEAD;
    is_asset |= f == ASSET;
    digits[used].field = f;
    digits[used++].size = size;
}

int main(int argc, char **argv)
{
    if (argc < 6)
        refuse("so few arguments");
    high = !strncmp(argv[2], "high", 4);
    reversed = strstr(argv[2], "reversed") != NULL;
    bare = !strcmp(argv[3], "bare");
    bases = !strcmp(argv[3], "bases");
    read_words(argv[4]);
    for (int a = 5; a < argc; a++)
        read_digit(argv[a]);
    base = mixed(actor());

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
