using System.Threading.Channels;
using CloudPbx.MediaControl.Wire;
using Grpc.Core;

namespace CloudPbx.MediaControl;

/// <summary>The commands under way: written once per stream, kept until they are answered, given up or refused.</summary>
/// <remarks>Thread-safe by one short lock: commands come from every tenant, answers from the reader.</remarks>
internal sealed class CommandQueue
{
    private static readonly WriteOptions s_moreFollows = new(WriteFlags.BufferHint);     // what waits goes out together

    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, (Command Command, TaskCompletionSource<Event?> Answer)> _underWay = [];
    private Channel<Command>? _stream;
    private ulong _last;

    /// <summary>Numbers the command and has it written as soon as a stream stands.</summary>
    /// <returns>Its answer; null if it is refused.</returns>
    public Task<Event?> Add(Command command)
    {
        var answer = new TaskCompletionSource<Event?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            command.Correlation = ++_last;
            _underWay.Add(command.Correlation, (command, answer));
            _stream?.Writer.TryWrite(command);
        }
        return answer.Task;
    }

    public void Answer(Event report)
    {
        lock (_gate)
            if (_underWay.Remove(report.Correlation, out var waiting))
                waiting.Answer.TrySetResult(report);
    }

    public void Forget(ulong correlation)
    {
        lock (_gate)
            _underWay.Remove(correlation);
    }

    /// <summary>Answers everything under way with null.</summary>
    public void RefuseAll()
    {
        lock (_gate)
        {
            foreach (var waiting in _underWay.Values)
                waiting.Answer.TrySetResult(null);
            _underWay.Clear();
        }
    }

    /// <summary>The stream broke: commands wait for the next one.</summary>
    public void Pause()
    {
        lock (_gate)
            _stream = null;
    }

    /// <summary>Writes what is under way, again, and then what comes, until the stream breaks or is cancelled. Does not throw.</summary>
    public async Task PumpAsync(IClientStreamWriter<Command> writer, CancellationToken cancel)
    {
        var stream = Channel.CreateUnbounded<Command>(new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            foreach (var waiting in _underWay.Values) // in the order in which they were given
                stream.Writer.TryWrite(waiting.Command);
            _stream = stream;
        }
        try
        {
            while (await stream.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
            {
                while (stream.Reader.TryRead(out Command? command))
                {
                    writer.WriteOptions = stream.Reader.TryPeek(out _) ? s_moreFollows : null;
                    await writer.WriteAsync(command, cancel).ConfigureAwait(false);
                }
            }
        }
        catch (Exception fault) when (fault is RpcException or OperationCanceledException or InvalidOperationException)
        {
            // The reader of the same stream notices and reconnects; what was under way is written again then.
        }
    }
}
