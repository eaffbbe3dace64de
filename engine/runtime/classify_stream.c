#include "runtime/classify_stream.h"

#include "base/assert.h"
#include "base/memory.h"
#include "runtime/classify_batch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { BATCHES_PER_THREAD = 2 };

struct reader {
    int fd;
    char *rest; /* the begun line behind the last batch */
    size_t rest_size;
    size_t rest_capacity;
    uint64_t next_line;
    bool ended;
};

/*
 * Batches go round in a circle: the reader fills number `filled`, workers take number `taken` in
 * turn, the writer writes number `written`; written <= taken <= filled <= written + count.
 */
struct pool {
    const struct classify_stream *stream;
    struct classify_batch *batches;
    unsigned count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t filled;
    uint64_t taken;
    uint64_t written;
    bool closed;
    struct classify_worker workers[CLASSIFY_THREADS_MAX];
};

struct worker_start {
    struct pool *pool;
    struct classify_worker *worker;
};

static enum redress_status read_more(struct reader *reader, struct classify_batch *batch)
{
    ssize_t size = 0;
    do {
        size = read(reader->fd, batch->input + batch->input_size,
                    batch->input_capacity - batch->input_size);
    } while (size < 0 && errno == EINTR);
    if (size < 0)
        return STATUS_IO;
    reader->ended = size == 0;
    batch->input_size += (size_t)size;
    return STATUS_OK;
}

/* Puts what stands behind the last line break aside for the next batch. */
static enum redress_status keep_rest(struct reader *reader, struct classify_batch *batch,
                                     const char *last)
{
    size_t whole = (size_t)(last + 1 - batch->input);
    reader->rest_size = batch->input_size - whole;
    /* One byte more than needed: no rest must not mean no block. */
    if (!classify_batch_reserve(&reader->rest, &reader->rest_capacity, reader->rest_size + 1))
        return STATUS_MEMORY;
    memcpy(reader->rest, batch->input + whole, reader->rest_size);
    batch->input_size = whole;
    return STATUS_OK;
}

/* Reads the rest of a line over the limit away; what follows it starts the next batch. */
static enum redress_status skip_line(struct reader *reader, struct classify_batch *batch)
{
    for (;;) {
        batch->input_size = 0;
        enum redress_status status = read_more(reader, batch);
        if (status != STATUS_OK || reader->ended)
            return status;
        char *stop = memchr(batch->input, '\n', batch->input_size);
        if (!stop)
            continue;
        return keep_rest(reader, batch, stop);
    }
}

static uint64_t count_lines(const struct classify_batch *batch)
{
    uint64_t lines = 0;
    const char *end = batch->input + batch->input_size;
    for (const char *at = batch->input; at < end; lines++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        at = stop ? stop + 1 : end;
    }
    return lines;
}

/* Fills a batch with whole lines. STATUS_STOPPED at the end of the input. */
static enum redress_status fill_batch(struct reader *reader, struct classify_batch *batch)
{
    size_t wanted = reader->rest_size > BATCH_BYTES ? reader->rest_size + 1 : BATCH_BYTES;
    if (!classify_batch_reserve(&batch->input, &batch->input_capacity, wanted))
        return STATUS_MEMORY;
    if (reader->rest_size > 0)
        memcpy(batch->input, reader->rest, reader->rest_size);
    batch->input_size = reader->rest_size;
    reader->rest_size = 0;
    batch->too_long = false;
    batch->first_line = reader->next_line;
    const char *last = memrchr(batch->input, '\n', batch->input_size);
    while (!reader->ended && !last) {
        if (batch->input_size > LINE_BYTES_MAX) {
            batch->too_long = true;
            reader->next_line++;
            return skip_line(reader, batch);
        }
        if (!classify_batch_reserve(&batch->input, &batch->input_capacity, batch->input_size + 1))
            return STATUS_MEMORY;
        enum redress_status status = read_more(reader, batch);
        if (status != STATUS_OK)
            return status;
        last = memrchr(batch->input, '\n', batch->input_size);
    }
    if (batch->input_size == 0)
        return STATUS_STOPPED;
    enum redress_status status = STATUS_OK;
    if (!reader->ended)
        status = keep_rest(reader, batch, last);
    reader->next_line += count_lines(batch);
    return status;
}

static enum redress_status write_batch(int fd, const struct classify_batch *batch,
                                       struct classify_totals *totals)
{
    totals->lines += batch->lines;
    totals->errors += batch->errors;
    for (size_t done = 0; done < batch->output_size;) {
        ssize_t size = write(fd, batch->output + done, batch->output_size - done);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return STATUS_IO;
        done += (size_t)size;
    }
    return batch->status;
}

static void *work(void *argument)
{
    struct worker_start *start = argument;
    struct pool *pool = start->pool;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->taken == pool->filled && !pool->closed)
            pthread_cond_wait(&pool->changed, &pool->lock);
        if (pool->taken == pool->filled)
            break;
        struct classify_batch *batch = &pool->batches[pool->taken++ % pool->count];
        pthread_mutex_unlock(&pool->lock);
        classify_worker_run(start->worker, batch);
        pthread_mutex_lock(&pool->lock);
        batch->done = true;
        pthread_cond_broadcast(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Waits for the oldest batch and writes it. */
static enum redress_status write_oldest(struct pool *pool, struct classify_totals *totals)
{
    struct classify_batch *batch = &pool->batches[pool->written % pool->count];
    pthread_mutex_lock(&pool->lock);
    while (!batch->done)
        pthread_cond_wait(&pool->changed, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    pool->written++;
    return write_batch(pool->stream->output_fd, batch, totals);
}

/* Nobody who waits for an answer before he asks again may wait for ever. */
static bool must_wait_for_input(const struct reader *reader)
{
    struct pollfd input = {.fd = reader->fd, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}

static bool oldest_is_done(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    bool done = pool->written < pool->filled && pool->batches[pool->written % pool->count].done;
    pthread_mutex_unlock(&pool->lock);
    return done;
}

static enum redress_status feed(struct pool *pool, struct reader *reader,
                                struct classify_totals *totals)
{
    enum redress_status status = STATUS_OK;
    while (status == STATUS_OK) {
        while (status == STATUS_OK &&
               (pool->filled - pool->written == pool->count || oldest_is_done(pool) ||
                (pool->written < pool->filled && must_wait_for_input(reader))))
            status = write_oldest(pool, totals);
        if (status != STATUS_OK)
            break;
        struct classify_batch *batch = &pool->batches[pool->filled % pool->count];
        status = fill_batch(reader, batch);
        if (status != STATUS_OK)
            break;
        pthread_mutex_lock(&pool->lock);
        batch->done = false;
        pool->filled++;
        pthread_cond_broadcast(&pool->changed);
        pthread_mutex_unlock(&pool->lock);
    }
    while (status == STATUS_STOPPED && pool->written < pool->filled) {
        enum redress_status written = write_oldest(pool, totals);
        if (written != STATUS_OK)
            status = written;
    }
    return status;
}

static enum redress_status run_threads(struct pool *pool, struct reader *reader,
                                       struct classify_totals *totals)
{
    pthread_t threads[CLASSIFY_THREADS_MAX];
    struct worker_start starts[CLASSIFY_THREADS_MAX];
    unsigned started = 0;
    enum redress_status status = STATUS_OK;
    for (; started < pool->stream->threads; started++) {
        starts[started] = (struct worker_start){pool, &pool->workers[started]};
        if (pthread_create(&threads[started], NULL, work, &starts[started]) != 0) {
            status = STATUS_MEMORY;
            break;
        }
    }
    if (status == STATUS_OK)
        status = feed(pool, reader, totals);
    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return status;
}

/* One thread reads, works and writes by itself. */
static enum redress_status run_alone(struct pool *pool, struct reader *reader,
                                     struct classify_totals *totals)
{
    enum redress_status status = STATUS_OK;
    while (status == STATUS_OK) {
        status = fill_batch(reader, &pool->batches[0]);
        if (status != STATUS_OK)
            break;
        classify_worker_run(&pool->workers[0], &pool->batches[0]);
        status = write_batch(pool->stream->output_fd, &pool->batches[0], totals);
    }
    return status;
}

static void pool_free(struct pool *pool)
{
    for (unsigned index = 0; index < CLASSIFY_THREADS_MAX; index++)
        classify_worker_destroy(&pool->workers[index]);
    for (unsigned index = 0; pool->batches && index < pool->count; index++)
        classify_batch_destroy(&pool->batches[index]);
    memory_free(pool->batches);
    memory_free(pool);
}

static struct pool *pool_make(const struct classify_stream *stream)
{
    struct pool *pool = memory_allocate(sizeof *pool);
    if (!pool)
        return NULL;
    pool->stream = stream;
    pool->count = stream->threads == 1 ? 1 : stream->threads * BATCHES_PER_THREAD;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    pool->batches = memory_allocate_array(pool->count, sizeof *pool->batches);
    bool ready = pool->batches != NULL;
    for (unsigned index = 0; ready && index < stream->threads; index++)
        ready = classify_worker_init(&pool->workers[index], stream->rule_set, stream->explain) ==
                STATUS_OK;
    if (ready)
        return pool;
    pool_free(pool);
    return NULL;
}

enum redress_status classify_stream_run(const struct classify_stream *stream,
                                        struct classify_totals *totals)
{
    ASSERT(stream->threads >= 1 && stream->threads <= CLASSIFY_THREADS_MAX);
    *totals = (struct classify_totals){0};
    struct pool *pool = pool_make(stream);
    if (!pool)
        return STATUS_MEMORY;
    struct reader reader = {.fd = stream->input_fd, .next_line = 1};
    enum redress_status status = stream->threads == 1 ? run_alone(pool, &reader, totals)
                                                      : run_threads(pool, &reader, totals);
    memory_free(reader.rest);
    pool_free(pool);
    return status == STATUS_STOPPED ? STATUS_OK : status;
}
