using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.CallControl.Links;

/// <summary>The worker's ends of all inner links, one per edge: takes them in, and finds each message its tenant.</summary>
/// <remarks>Thread-safe. Messages of one link are read one after the other; parsing is done here, and so is a turn of a tenant that they woke (<see cref="HeldTurns"/>).</remarks>
public sealed partial class EdgeLinks : IAsyncDisposable
{
    private readonly ConcurrentDictionary<InnerLink, Task> _serving = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly EdgeDirectory _edges;
    private readonly TenantPost _tenants;
    private readonly WorkerDelay _delay;
    private readonly CancellationToken _leaving;
    private readonly ILogger<EdgeLinks> _logger;

    /// <param name="leaving">Cancelled when the process is about to stop: that an edge goes then, too, needs nobody's attention.</param>
    internal EdgeLinks(EdgeDirectory edges, TenantPost tenants, WorkerDelay delay, ILogger<EdgeLinks> logger, CancellationToken leaving = default)
    {
        _edges = edges;
        _tenants = tenants;
        _delay = delay;
        _leaving = leaving;
        _logger = logger;
    }

    /// <summary>Takes a link in and serves it until the pipe ends. The edge at the other end speaks first.</summary>
    /// <param name="pipe">A TCP connection's or an in-process pipe; owned, completed when the link ends.</param>
    public void Accept(IDuplexPipe pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        InnerLink link = new(pipe);
        // Started on the pool: the acceptor must not wait for the first message.
        _serving[link] = Task.Run(() => ServeAsync(link));
    }

    /// <summary>Ends all links.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_serving.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task ServeAsync(InnerLink link)
    {
        try
        {
            await link.ReceiveAsync(Receive, HeldTurns.Run, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // This worker stops.
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            LogBroken(e.Message);
        }
        foreach (uint edge in _edges.Remove(link))
            LogGone(_leaving.IsCancellationRequested ? LogLevel.Information : LogLevel.Warning, edge);
        await link.DisposeAsync();
        _serving.TryRemove(link, out _);
    }

    /// <summary>Takes one message; must not throw.</summary>
    private void Receive(InnerLink link, ReadOnlySpan<byte> octets)
    {
        HeldTurns.Open();
        try
        {
            SipParseError fault = SipMessage.TryParse(octets, out SipMessage? message);
            switch (message)
            {
                case SipRequest request when fault != SipParseError.None:
                    AnswerMalformed(link, request, fault);
                    break;
                case SipRequest request when InnerHello.TryRead(request, out uint edge):
                    Greet(link, request, edge);
                    break;
                case SipRequest request:
                    ReceiveRequest(link, request);
                    break;
                case SipResponse response when fault == SipParseError.None:
                    ReceiveResponse(link, response);
                    break;
                default:
                    break;                                        // §18.1.2, §18.2.1: what cannot be answered is dropped
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(e);                                          // a bug of ours must cost one message, not the link
        }
    }

    private void ReceiveRequest(InnerLink link, SipRequest request)
    {
        if (request.Routes is not [{ } route, ..] || route.Uri.Host != InnerNames.WorkerHost
            || !TenantId.TryParse(route.Uri.User, out TenantId tenant)
            || request.TopVia.Parameters[InnerNames.FlowParameter] is not { } text
            || !FlowToken.TryRead(text, out FlowToken token))
        {
            LogUnroutable(request.Method.Name);
            return;
        }
        request.Headers.RemoveFirst(SipHeaderName.Route);
        _tenants.Deliver(link, tenant, request, new EdgeFlow(_edges, tenant, token, text));
    }

    private void ReceiveResponse(InnerLink link, SipResponse response)
    {
        if (InnerNames.TryReadWorkerVia(Encoding.ASCII.GetBytes(response.TopVia.Host), out Guid tenant))
            _tenants.Deliver(link, new TenantId(tenant), response, LinkFlow.Instance);
    }

    // §8.2.6 without a transaction: a retransmission gets the same answer again.
    private static void AnswerMalformed(InnerLink link, SipRequest request, SipParseError fault)
    {
        SipResponse response = SipResponse.For(request, fault.ToStatusCode(), fault.ToReasonPhrase(), SipTokens.Secure.NewTag());
        response.Headers.Set(SipHeaderName.Server, ServerName.Value);
        link.TrySend(response);
    }

    private void Greet(InnerLink link, SipRequest hello, uint edge)
    {
        if (_edges.Add(edge, link))
        {
            LogGreeted(edge);
            _tenants.Introduce(link);
        }
        // By the pool, like all tenants' work: the edge measures how long that takes (S12).
        ThreadPool.QueueUserWorkItem(static greeting => greeting.Link.TrySend(InnerHello.Answer(greeting.Hello, greeting.Delay.Current)),
            (Link: link, Hello: hello, Delay: _delay), preferLocal: false);
    }

    [LoggerMessage(LogLevel.Information, "Edge {Edge:x8} is linked")]
    private partial void LogGreeted(uint edge);

    [LoggerMessage("The link of edge {Edge:x8} is gone")]
    private partial void LogGone(LogLevel level, uint edge);

    [LoggerMessage(LogLevel.Warning, "An edge's link broke: {Reason}")]
    private partial void LogBroken(string reason);

    [LoggerMessage(LogLevel.Warning, "A {Method} came over an inner link without tenant or flow token; it is dropped")]
    private partial void LogUnroutable(string method);

    [LoggerMessage(LogLevel.Error, "A message from an edge could not be taken in")]
    private partial void LogFault(Exception exception);
}
