using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Tests;

/// <summary>A worker at the other end of an in-process pipe: answers hello, keeps what else comes.</summary>
internal sealed class FakeWorker : IWorkerConnector, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Channel<(SipMessage Message, string Text, WorkerAddress Worker)> _received = Channel.CreateUnbounded<(SipMessage, string, WorkerAddress)>();
    private readonly Dictionary<WorkerAddress, InnerLink> _links = [];
    private readonly ConcurrentDictionary<WorkerAddress, bool> _greeted = new();
    private volatile InnerLink? _current;

    /// <summary>Whether edges may connect.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>Whether hello is answered.</summary>
    public bool AnswersHello { get; set; } = true;

    /// <summary>How long it says that messages wait.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The edge that said hello.</summary>
    public uint EdgeId { get; private set; }

    /// <summary>Answers requests by itself; null keeps them.</summary>
    public Func<SipRequest, SipResponse?>? Answer { get; set; }

    /// <summary>Addresses that were dialled.</summary>
    public List<WorkerAddress> Dialled { get; } = [];

    public ValueTask<IDuplexPipe> ConnectAsync(WorkerAddress worker, CancellationToken cancel)
    {
        lock (Dialled)
            Dialled.Add(worker);
        if (!IsReachable)
            throw new IOException("The worker is away.");
        (IDuplexPipe mine, IDuplexPipe theirs) = DuplexPipePair.Create();
        var link = new InnerLink(mine);
        _current = link;
        lock (_links)
            _links[worker] = link;
        _ = link.ReceiveAsync((from, octets) => Receive(from, worker, octets), CancellationToken.None);
        return new(theirs);
    }

    public bool Send(SipMessage message) => _current!.TrySend(message);

    public bool Send(byte[] octets) => _current!.TrySend(octets);

    public bool Send(string text) => _current!.TrySend(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends over the link of one of several workers.</summary>
    public bool SendAs(WorkerAddress worker, string text)
    {
        lock (_links)
            return _links[worker].TrySend(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Completes when the edge has greeted a worker.</summary>
    public Task GreetedAsync(WorkerAddress worker) => TestEdge.Eventually(() => _greeted.ContainsKey(worker));

    /// <summary>Ends the links that stand, or that of one worker.</summary>
    public async Task BreakAsync(WorkerAddress? worker = null)
    {
        List<InnerLink> links = [];
        lock (_links)
        {
            foreach (WorkerAddress address in _links.Keys.Where(address => worker is null || worker == address).ToArray())
            {
                _links.Remove(address, out InnerLink? link);
                links.Add(link!);
            }
        }
        foreach (InnerLink link in links)
            await link.DisposeAsync();
    }

    public async Task<SipRequest> RequestAsync() => (SipRequest)(await NextAsync()).Message;

    public async Task<SipResponse> ResponseAsync() => (SipResponse)(await NextAsync()).Message;

    public async Task<(SipMessage Message, string Text)> NextAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        (SipMessage message, string text, _) = await _received.Reader.ReadAsync(limit.Token);
        return (message, text);
    }

    /// <summary>The next message, and which worker has it.</summary>
    public async Task<(SipMessage Message, WorkerAddress Worker)> NextFromAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        (SipMessage message, _, WorkerAddress worker) = await _received.Reader.ReadAsync(limit.Token);
        return (message, worker);
    }

    public bool HasMore => _received.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync() => await BreakAsync();

    private void Receive(InnerLink link, WorkerAddress worker, ReadOnlySpan<byte> octets)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(octets, out SipMessage? message));
        if (message is SipRequest request && InnerHello.TryRead(request, out uint edge))
        {
            EdgeId = edge;
            if (AnswersHello)
            {
                link.TrySend(InnerHello.Answer(request, Delay));
                _greeted[worker] = true;
            }
            return;
        }
        if (message is SipRequest asked && Answer?.Invoke(asked) is { } response)
        {
            link.TrySend(response);
            return;
        }
        _received.Writer.TryWrite((message!, Encoding.UTF8.GetString(octets), worker));
    }
}
