#include "base/yaml_tree.h"

#include "base/assert.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

enum {
    READ_STEP_BYTES = 64 * 1024,
    /* What aliases may add by being followed: a bomb of nested aliases multiplies at each level. */
    ALIASED_NODES_MAX = 100 * 1000
};

struct yaml_tree {
    yaml_document_t document;
    char *name;
};

/* What is known of a node after its children were walked. */
struct walked {
    uint32_t height; /* levels below and with it; 0 is not walked yet */
    bool open;       /* an ancestor of the node being walked: meeting it again is a loop */
    uint64_t nodes;  /* with every alias followed */
};

struct walk {
    const struct yaml_tree *tree;
    struct walked *walked; /* by node index */
    struct error_list *errors;
    bool too_deep; /* said once */
    bool no_memory;
};

static const yaml_node_t *node_of(struct yaml_place place)
{
    ASSERT(yaml_exists(place));
    return &place.tree->document.nodes.start[place.node - 1];
}

static struct yaml_place place_at(struct yaml_place near, int node)
{
    return (struct yaml_place){.tree = near.tree, .node = node};
}

struct yaml_place yaml_root(const struct yaml_tree *tree)
{
    bool empty = tree->document.nodes.start == tree->document.nodes.top;
    return (struct yaml_place){.tree = tree, .node = empty ? 0 : 1};
}

bool yaml_exists(struct yaml_place place)
{
    return place.node != 0;
}

enum yaml_kind yaml_kind(struct yaml_place place)
{
    const yaml_node_t *node = node_of(place);
    if (node->type == YAML_MAPPING_NODE)
        return YAML_KIND_MAPPING;
    return node->type == YAML_SEQUENCE_NODE ? YAML_KIND_SEQUENCE : YAML_KIND_SCALAR;
}

uint32_t yaml_line(struct yaml_place place)
{
    return yaml_exists(place) ? (uint32_t)node_of(place)->start_mark.line + 1 : 0;
}

uint32_t yaml_column(struct yaml_place place)
{
    return yaml_exists(place) ? (uint32_t)node_of(place)->start_mark.column + 1 : 0;
}

size_t yaml_count(struct yaml_place place)
{
    if (!yaml_exists(place))
        return 0;
    const yaml_node_t *node = node_of(place);
    if (node->type == YAML_SEQUENCE_NODE)
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (node->type == YAML_MAPPING_NODE)
        return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    return 0;
}

struct yaml_place yaml_item(struct yaml_place sequence, size_t index)
{
    const yaml_node_t *node = node_of(sequence);
    ASSERT(node->type == YAML_SEQUENCE_NODE && index < yaml_count(sequence));
    return place_at(sequence, node->data.sequence.items.start[index]);
}

struct yaml_place yaml_key(struct yaml_place mapping, size_t index)
{
    const yaml_node_t *node = node_of(mapping);
    ASSERT(node->type == YAML_MAPPING_NODE && index < yaml_count(mapping));
    return place_at(mapping, node->data.mapping.pairs.start[index].key);
}

struct yaml_place yaml_value(struct yaml_place mapping, size_t index)
{
    const yaml_node_t *node = node_of(mapping);
    ASSERT(node->type == YAML_MAPPING_NODE && index < yaml_count(mapping));
    return place_at(mapping, node->data.mapping.pairs.start[index].value);
}

struct yaml_place yaml_find(struct yaml_place mapping, const char *key)
{
    if (yaml_exists(mapping) && yaml_kind(mapping) == YAML_KIND_MAPPING)
        for (size_t index = 0; index < yaml_count(mapping); index++)
            if (strcmp(yaml_text(yaml_key(mapping, index)), key) == 0)
                return yaml_value(mapping, index);
    return place_at(mapping, 0);
}

const char *yaml_text(struct yaml_place scalar)
{
    const yaml_node_t *node = node_of(scalar);
    ASSERT(node->type == YAML_SCALAR_NODE);
    return (const char *)node->data.scalar.value;
}

size_t yaml_text_size(struct yaml_place scalar)
{
    const yaml_node_t *node = node_of(scalar);
    ASSERT(node->type == YAML_SCALAR_NODE);
    return node->data.scalar.length;
}

bool yaml_is_plain(struct yaml_place scalar)
{
    const yaml_node_t *node = node_of(scalar);
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool yaml_read_bool(struct yaml_place scalar, bool *out)
{
    if (!yaml_is_plain(scalar))
        return false;
    *out = strcmp(yaml_text(scalar), "true") == 0;
    return *out || strcmp(yaml_text(scalar), "false") == 0;
}

static const char *skip_digits(const char *text)
{
    while (*text >= '0' && *text <= '9')
        text++;
    return text;
}

/* -?(0|[1-9][0-9]*): where it ends, NULL where it does not stand there. A leading zero is refused
 * because half the world reads it as octal. */
static const char *skip_integer(const char *text)
{
    if (*text == '-')
        text++;
    const char *end = skip_digits(text);
    if (end == text || (*text == '0' && end > text + 1))
        return NULL;
    return end;
}

bool yaml_read_integer(struct yaml_place scalar, int64_t *out)
{
    if (!yaml_is_plain(scalar))
        return false;
    const char *text = yaml_text(scalar);
    const char *end = skip_integer(text);
    if (!end || *end)
        return false;
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return errno == 0;
}

bool yaml_read_number(struct yaml_place scalar, double *out)
{
    if (!yaml_is_plain(scalar))
        return false;
    const char *text = yaml_text(scalar);
    const char *end = skip_integer(text);
    if (end && *end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        if (end == fraction)
            return false;
    }
    if (end && (*end == 'e' || *end == 'E')) {
        const char *exponent = end + 1;
        if (*exponent == '+' || *exponent == '-')
            exponent++;
        end = skip_digits(exponent);
        if (end == exponent)
            return false;
    }
    if (!end || *end)
        return false;
    *out = strtod(text, NULL);
    return isfinite(*out);
}

void yaml_error(struct yaml_place place, struct error_list *errors, const char *format, ...)
{
    char text[sizeof errors->errors[0].text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_list_add(errors, STATUS_INVALID, place.tree->name, yaml_line(place), yaml_column(place),
                   "%s", text);
}

/* Only what plain YAML resolves to anyway: other tags would promise types that nobody makes. */
static bool tag_is_plain(const yaml_node_t *node)
{
    const char *tag = (const char *)node->tag;
    const char *expected = YAML_STR_TAG;
    if (node->type == YAML_SEQUENCE_NODE)
        expected = YAML_SEQ_TAG;
    else if (node->type == YAML_MAPPING_NODE)
        expected = YAML_MAP_TAG;
    return !tag || strcmp(tag, expected) == 0;
}

static int compare_keys(const void *left, const void *right)
{
    const struct yaml_place *a = left;
    const struct yaml_place *b = right;
    int order = strcmp(yaml_text(*a), yaml_text(*b));
    /* Equal keys in the file's order, so that the later one is the one to blame. */
    return order ? order : (a->node > b->node) - (a->node < b->node);
}

/* Sorted rather than each with each: a hostile file may have a million keys. */
static void check_duplicates(struct walk *walk, struct yaml_place mapping)
{
    size_t count = yaml_count(mapping);
    size_t scalars = 0;
    struct yaml_place *keys = memory_allocate_array(count, sizeof *keys);
    if (!keys) {
        walk->no_memory = true;
        return;
    }
    for (size_t index = 0; index < count; index++) {
        struct yaml_place key = yaml_key(mapping, index);
        if (yaml_kind(key) == YAML_KIND_SCALAR)
            keys[scalars++] = key;
        else
            yaml_error(key, walk->errors, "a key must be a name, not a list or a mapping");
    }
    qsort(keys, scalars, sizeof *keys, compare_keys);
    for (size_t index = 1; index < scalars; index++)
        if (strcmp(yaml_text(keys[index - 1]), yaml_text(keys[index])) == 0)
            yaml_error(keys[index], walk->errors,
                       "the key \"%.60s\" stands already on line %u of the same mapping",
                       yaml_text(keys[index]), yaml_line(keys[index - 1]));
    memory_free(keys);
}

static void check_node(struct walk *walk, struct yaml_place place)
{
    const yaml_node_t *node = node_of(place);
    if (!tag_is_plain(node))
        yaml_error(place, walk->errors, "the tag \"%.60s\" means nothing here: leave it out",
                   (const char *)node->tag);
    if (node->type == YAML_SCALAR_NODE &&
        memchr(node->data.scalar.value, 0, node->data.scalar.length))
        yaml_error(place, walk->errors, "a NUL character (\\0) cannot stand in a text");
    if (node->type == YAML_MAPPING_NODE && yaml_count(place) > 1)
        check_duplicates(walk, place);
    else if (node->type == YAML_MAPPING_NODE && yaml_count(place) == 1 &&
             yaml_kind(yaml_key(place, 0)) != YAML_KIND_SCALAR)
        yaml_error(yaml_key(place, 0), walk->errors,
                   "a key must be a name, not a list or a mapping");
}

static void walk_node(struct walk *walk, struct yaml_place place, uint32_t depth);

static void walk_child(struct walk *walk, struct yaml_place parent, struct yaml_place child,
                       uint32_t depth)
{
    struct walked *above = &walk->walked[parent.node];
    struct walked *below = &walk->walked[child.node];
    if (below->open) {
        yaml_error(child, walk->errors, "this anchor contains an alias of itself");
        return;
    }
    if (!below->height)
        walk_node(walk, child, depth + 1);
    if (above->height < below->height + 1)
        above->height = below->height + 1;
    above->nodes += below->nodes;
    if (above->nodes > UINT32_MAX)
        above->nodes = UINT32_MAX;
}

/* Recursion ends at YAML_DEPTH_MAX: an alias names a node that was walked before or is open. */
static void walk_node(struct walk *walk, struct yaml_place place, uint32_t depth)
{
    struct walked *own = &walk->walked[place.node];
    *own = (struct walked){.height = 1, .nodes = 1, .open = true};
    if (depth <= YAML_DEPTH_MAX) {
        size_t count = yaml_count(place);
        bool mapping = yaml_kind(place) == YAML_KIND_MAPPING;
        for (size_t index = 0; index < count; index++) {
            if (mapping)
                walk_child(walk, place, yaml_key(place, index), depth);
            struct yaml_place child = mapping ? yaml_value(place, index) : yaml_item(place, index);
            walk_child(walk, place, child, depth);
        }
        check_node(walk, place);
    }
    if (!walk->too_deep && (depth > YAML_DEPTH_MAX || own->height > YAML_DEPTH_MAX)) {
        walk->too_deep = true;
        yaml_error(place, walk->errors, "nested deeper than %d levels", YAML_DEPTH_MAX);
    }
    own->open = false;
}

/* Everything that libyaml lets pass and the contract refuses. */
static void check_tree(const struct yaml_tree *tree, struct error_list *errors)
{
    struct yaml_place root = yaml_root(tree);
    if (!yaml_exists(root))
        return;
    size_t nodes = (size_t)(tree->document.nodes.top - tree->document.nodes.start);
    struct walk walk = {.tree = tree, .errors = errors};
    walk.walked = memory_allocate_array(nodes + 1, sizeof *walk.walked);
    if (walk.walked) {
        walk_node(&walk, root, 1);
        if (walk.walked[root.node].nodes > nodes + ALIASED_NODES_MAX)
            yaml_error(root, errors, "the aliases of this file unfold to more than %d nodes",
                       ALIASED_NODES_MAX);
    }
    if (!walk.walked || walk.no_memory)
        error_list_add(errors, STATUS_MEMORY, tree->name, 0, 0, "out of memory");
    memory_free(walk.walked);
}

/* Reader errors carry a byte offset instead of a mark. */
static void add_reader_error(const yaml_parser_t *parser, const char *name, const char *bytes,
                             struct error_list *errors)
{
    uint32_t line = 1;
    uint32_t column = 1;
    for (size_t index = 0; index < parser->problem_offset; index++) {
        bool continuation = ((unsigned char)bytes[index] & 0xC0) == 0x80;
        column = bytes[index] == '\n' ? 1 : column + !continuation;
        line += bytes[index] == '\n';
    }
    error_list_add(errors, STATUS_INVALID, name, line, column, "%s", parser->problem);
}

static void add_parser_error(const yaml_parser_t *parser, const char *name, const char *bytes,
                             struct error_list *errors)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        error_list_add(errors, STATUS_MEMORY, name, 0, 0, "out of memory");
    } else if (parser->error == YAML_READER_ERROR) {
        add_reader_error(parser, name, bytes, errors);
    } else {
        error_list_add(errors, STATUS_INVALID, name, (uint32_t)parser->problem_mark.line + 1,
                       (uint32_t)parser->problem_mark.column + 1, "%s%s%s",
                       parser->problem ? parser->problem : "bad syntax", parser->context ? " " : "",
                       parser->context ? parser->context : "");
    }
}

/* Anything after the first document but comments is an error. */
static void check_end(yaml_parser_t *parser, const char *name, const char *bytes,
                      struct error_list *errors)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second)) {
        add_parser_error(parser, name, bytes, errors);
        return;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root)
        error_list_add(errors, STATUS_INVALID, name, (uint32_t)root->start_mark.line + 1,
                       (uint32_t)root->start_mark.column + 1,
                       "a second document begins here: only one may stand in a file");
    yaml_document_delete(&second);
}

static void parse(struct yaml_tree *tree, const char *bytes, size_t size, struct error_list *errors)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        error_list_add(errors, STATUS_MEMORY, tree->name, 0, 0, "out of memory");
        return;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    if (!yaml_parser_load(&parser, &tree->document)) {
        add_parser_error(&parser, tree->name, bytes, errors);
        /* libyaml has freed the document: leave an empty one to be freed again. */
        memset(&tree->document, 0, sizeof tree->document);
    } else {
        if (tree->document.nodes.start != tree->document.nodes.top)
            check_end(&parser, tree->name, bytes, errors);
        check_tree(tree, errors);
    }
    yaml_parser_delete(&parser);
}

struct yaml_tree *yaml_tree_load_bytes(const char *name, const char *bytes, size_t size,
                                       struct error_list *errors)
{
    uint32_t errors_before = errors->count;
    if (size > YAML_FILE_BYTES_MAX) {
        error_list_add(errors, STATUS_TOO_LARGE, name, 0, 0, "larger than %d bytes",
                       YAML_FILE_BYTES_MAX);
        return NULL;
    }
    struct yaml_tree *tree = memory_allocate(sizeof *tree);
    if (tree)
        tree->name = memory_copy_string(name);
    if (!tree || !tree->name) {
        memory_free(tree);
        error_list_add(errors, STATUS_MEMORY, name, 0, 0, "out of memory");
        return NULL;
    }
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    parse(tree, bytes, size, errors);
    if (errors->count == errors_before)
        return tree;
    yaml_tree_free(tree);
    return NULL;
}

/* The whole file, or NULL with errors added. */
static char *read_file(int fd, const char *path, size_t *size, struct error_list *errors)
{
    char *bytes = NULL;
    size_t used = 0;
    for (;;) {
        char *larger = memory_resize(bytes, used + READ_STEP_BYTES);
        if (!larger) {
            error_list_add(errors, STATUS_MEMORY, path, 0, 0, "out of memory");
            break;
        }
        bytes = larger;
        ssize_t got = read(fd, bytes + used, READ_STEP_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_list_add(errors, STATUS_IO, path, 0, 0, "%s", strerrordesc_np(errno));
            break;
        }
        if (got == 0) {
            *size = used;
            return bytes;
        }
        used += (size_t)got;
        if (used > YAML_FILE_BYTES_MAX) {
            error_list_add(errors, STATUS_TOO_LARGE, path, 0, 0, "larger than %d bytes",
                           YAML_FILE_BYTES_MAX);
            break;
        }
    }
    memory_free(bytes);
    return NULL;
}

struct yaml_tree *yaml_tree_load_file(const char *path, struct error_list *errors)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_list_add(errors, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, path, 0, 0, "%s",
                       strerrordesc_np(errno));
        return NULL;
    }
    size_t size = 0;
    char *bytes = read_file(fd, path, &size, errors);
    close(fd);
    if (!bytes)
        return NULL;
    struct yaml_tree *tree = yaml_tree_load_bytes(path, bytes, size, errors);
    memory_free(bytes);
    return tree;
}

void yaml_tree_free(struct yaml_tree *tree)
{
    if (!tree)
        return;
    yaml_document_delete(&tree->document);
    memory_free(tree->name);
    memory_free(tree);
}
