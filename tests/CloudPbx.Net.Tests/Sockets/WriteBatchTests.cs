using System.IO.Pipelines;
using System.Text;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class WriteBatchTests
{
    [Fact]
    public void What_is_sent_in_a_batch_is_written_at_its_end_by_the_same_thread()
    {
        Pipe pipe = new();
        StreamWriteQueue queue = new(pipe.Writer, 1000);
        using (WriteBatch.Begin())
        {
            Assert.True(queue.TryWrite("one "u8));
            using (WriteBatch.Begin())
                Assert.True(queue.TryWrite("two"u8));
            Assert.False(pipe.Reader.TryRead(out _));
        }
        Assert.True(pipe.Reader.TryRead(out ReadResult read));
        Assert.Equal("one two", Encoding.ASCII.GetString(read.Buffer.FirstSpan));
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task Outside_a_batch_the_pool_writes()
    {
        Pipe pipe = new();
        StreamWriteQueue queue = new(pipe.Writer, 1000);
        using (WriteBatch.Begin())
            Assert.True(queue.TryWrite("one "u8));
        Assert.True(queue.TryWrite("two"u8));
        ReadResult read = await pipe.Reader.ReadAtLeastAsync("one two".Length, TestContext.Current.CancellationToken);
        Assert.Equal("one two", Encoding.ASCII.GetString(read.Buffer.FirstSpan));
    }

    [Fact]
    public async Task A_batch_that_takes_long_does_not_hold_up_what_others_send()
    {
        Pipe pipe = new();
        StreamWriteQueue queue = new(pipe.Writer, 1000);
        ValueTask<ReadResult> reading = pipe.Reader.ReadAtLeastAsync("one two".Length, TestContext.Current.CancellationToken);
        SendInBatchWhile(queue, () =>
        {
            Thread other = new(() => queue.TryWrite("two"u8));
            other.Start();
            other.Join();
            Assert.True(SpinWait.SpinUntil(() => reading.IsCompleted, TimeSpan.FromSeconds(30)));
        });
        Assert.Equal("one two", Encoding.ASCII.GetString((await reading).Buffer.FirstSpan));
    }

    [Fact]
    public void A_closed_queue_takes_nothing_and_a_batch_over_it_writes_nothing()
    {
        Pipe pipe = new();
        StreamWriteQueue queue = new(pipe.Writer, 1000);
        using (WriteBatch.Begin())
        {
            Assert.True(queue.TryWrite("one"u8));
            queue.Close();
            Assert.False(queue.TryWrite("two"u8));
        }
        Assert.False(pipe.Reader.TryRead(out _));
    }

    private static void SendInBatchWhile(StreamWriteQueue queue, Action work)
    {
        using WriteBatch.Scope batch = WriteBatch.Begin();
        queue.TryWrite("one "u8);
        work();
    }
}
