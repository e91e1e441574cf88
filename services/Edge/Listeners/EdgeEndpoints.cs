using System.Net;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>Where the edge listens, once it does. Thread-safe.</summary>
public sealed class EdgeEndpoints
{
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile EdgeEndpoint[] _all = [];

    /// <summary>The bound addresses and ports; empty until the edge listens.</summary>
    public IReadOnlyList<EdgeEndpoint> All => _all;

    /// <summary>Completes when every port listens; faults when the edge cannot start.</summary>
    public Task Listening => _listening.Task;

    /// <summary>The first bound address of a transport.</summary>
    /// <returns>Null when the transport is off or the edge does not listen yet.</returns>
    public IPEndPoint? Find(SipTransport transport) => _all.FirstOrDefault(e => e.Transport == transport)?.Local;

    internal void Set(IEnumerable<EdgeEndpoint> endpoints)
    {
        _all = [.. endpoints];
        _listening.TrySetResult();
    }

    internal void Fail(Exception fault) => _listening.TrySetException(fault);
}

/// <summary>One bound address and port.</summary>
/// <param name="Transport">What is spoken there.</param>
/// <param name="Local">The address and the port, which the system may have chosen.</param>
public sealed record EdgeEndpoint(SipTransport Transport, IPEndPoint Local);
