using System.Buffers;
using CloudPbx.Sip.Transport;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>The messages that come over a stream, one by one.</summary>
internal sealed class StreamMessages(Stream stream)
{
    private readonly StreamFramer _framer = new();
    private readonly byte[] _chunk = new byte[65536];
    private byte[] _octets = [];
    private Task<int>? _reading;

    /// <summary>Whether the other side has closed, or broken its framing.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The next message; empty when none came in time, or none will.</summary>
    public async Task<byte[]> NextAsync(TimeSpan patience, CancellationToken cancel)
    {
        while (true)
        {
            var buffer = new ReadOnlySequence<byte>(_octets);
            FrameResult result;
            ReadOnlySequence<byte> message;
            do
                result = _framer.TryRead(ref buffer, out message);
            while (result is FrameResult.KeepAlivePing or FrameResult.KeepAlivePong);
            byte[] found = result == FrameResult.Message ? message.ToArray() : [];
            _octets = buffer.ToArray();
            if (found.Length > 0)
                return found;
            if (result == FrameResult.Malformed)
                IsClosed = true;
            if (IsClosed || !await ReadAsync(patience, cancel))
                return [];
        }
    }

    // A read that did not end in time goes on: a TLS stream bears no other way.
    private async Task<bool> ReadAsync(TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            _reading ??= stream.ReadAsync(_chunk, cancel).AsTask();
            int length = await _reading.WaitAsync(patience, cancel);
            _reading = null;
            IsClosed = length == 0;
            _octets = [.. _octets, .. _chunk.AsSpan(0, length)];
            return !IsClosed;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (IOException)
        {
            IsClosed = true;
            return false;
        }
    }
}
