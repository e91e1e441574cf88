using System.Buffers;
using System.Text;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>A stream of server-sent events that the test writes.</summary>
internal sealed class LiveStream : IDisposable
{
    private readonly System.IO.Pipelines.Pipe _pipe = new();

    public Stream Reader => _pipe.Reader.AsStream();

    public void Send(string type, string json)
    {
        _pipe.Writer.Write(Encoding.UTF8.GetBytes($"event: {type}\ndata: {json}\n\n"));
        _ = _pipe.Writer.FlushAsync(CancellationToken.None).AsTask();
    }

    public void Dispose() => _pipe.Writer.Complete();
}
