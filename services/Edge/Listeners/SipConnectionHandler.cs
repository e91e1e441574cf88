using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>Serves TCP and TLS connections of peers: frames them, answers keep-alives, hands messages to the dispatcher.</summary>
internal sealed class SipConnectionHandler(
    EdgeIdentity identity, IOptions<EdgeOptions> options, OpenFlows flows, MessageDispatcher dispatcher, SourceLimiter limiter, BanGate bans, AdvertisedAddresses addresses,
    TimeProvider time, EdgeMetrics metrics) : ConnectionHandler
{
    private static readonly TimeSpan s_rateWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lastAnswer = TimeSpan.FromMilliseconds(200);

    private readonly EdgeOptions _options = options.Value;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote || connection.LocalEndPoint is not IPEndPoint local)
            return;
        ITlsHandshakeFeature? tls = connection.Features.Get<ITlsHandshakeFeature>();
        var peer = InternetEndPoint.From(remote);
        string? proved = connection.Items.TryGetValue(PeerCertificate.Key, out object? shown) ? dispatcher.Directory?.Carriers.FindProved(((PeerCertificate)shown!).Sources) : null;
        ulong id = flows.NextId();
        var token = new FlowToken
        {
            EdgeId = identity.Id,
            Transport = tls is null ? SipTransport.Tcp : SipTransport.Tls,
            ConnectionId = id,
            Remote = peer,
            AdvertisedHost = addresses.For(peer, local.Address),
            AdvertisedPort = local.Port,
            ServerName = tls?.HostName is { Length: > 0 } name ? name : null,
            ProvedSource = proved is null ? 0 : CertificateSource.DigestOf(proved),
        };
        var flow = new EdgeConnection(id, token, identity.Key, new StreamWriteQueue(connection.Transport.Output, EdgeConnection.QueueLimit), connection.Abort, time)
        {
            ProvedSource = proved,
            IsOfBanned = bans.Covers(peer) && dispatcher.Directory?.Carriers.Find(peer, proved) is null,
        };
        // The server stops: what is queued is still written, then the connection ends in order.
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        await ServeAsync(flow, connection.Transport.Input, connection.ConnectionClosed, stopping);
    }

    /// <summary>Serves a connection, whoever opened it, until it ends.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="input">What comes on it.</param>
    /// <param name="closed">It is gone.</param>
    /// <param name="stopping">It is to end in order.</param>
    public async Task ServeAsync(EdgeConnection flow, PipeReader input, CancellationToken closed, CancellationToken stopping)
    {
        flows.Add(flow);
        metrics.ConnectionOpened(flow.Transport);
        try
        {
            await ReadAsync(flow, input, closed, stopping);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException)
        {
            // The peer or a deadline ended it: an ordinary end.
        }
        finally
        {
            flows.Remove(flow);
            flow.Close();
            metrics.ConnectionClosed(flow.Transport);
        }
    }

    private async Task ReadAsync(EdgeConnection flow, PipeReader input, CancellationToken closed, CancellationToken stopping)
    {
        using CancellationTokenRegistration stop = stopping.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), input);
        var framer = new StreamFramer(_options.MaxHeaderSection, _options.MaxBody);
        while (true)
        {
            ReadResult read = await input.ReadAsync(closed);
            ReadOnlySequence<byte> buffer = read.Buffer;
            FrameResult result;
            ReadOnlySequence<byte> message;
            while ((result = TakeAll(flow, framer, ref buffer, out message)) is not (FrameResult.NeedMore or FrameResult.Malformed))
            {
                // A peer that sends too fast is made to wait, not refused: a stream must lose nothing.
                do
                {
                    metrics.Delayed();
                    await Task.Delay(s_rateWait, time, closed);
                }
                while (!limiter.TryTake(flow.Remote));
                Take(flow, result, message);
            }
            if (result == FrameResult.Malformed)
            {
                Refuse(flow, message, framer.Error);
                input.AdvanceTo(buffer.End);
                await FlushAsync(flow);
                return;
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return;
            if (read.IsCanceled)
            {
                await FlushAsync(flow);
                return;
            }
        }
    }

    /// <summary>Takes what is whole; stops at a message for which the peer has to wait.</summary>
    private FrameResult TakeAll(EdgeConnection flow, StreamFramer framer, ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        using WriteBatch.Scope batch = WriteBatch.Begin();
        FrameResult result;
        while ((result = framer.TryRead(ref buffer, out message)) is not (FrameResult.NeedMore or FrameResult.Malformed) && limiter.TryTake(flow.Remote))
            Take(flow, result, message);
        return result;
    }

    private void Take(EdgeConnection flow, FrameResult result, in ReadOnlySequence<byte> message)
    {
        if (result == FrameResult.KeepAlivePing)
        {
            flow.TrySend("\r\n"u8);
        }
        else if (result == FrameResult.Message)
        {
            flow.Spoke();
            Dispatch(flow, message);
        }
    }

    private void Dispatch(EdgeConnection flow, in ReadOnlySequence<byte> message)
    {
        var peer = new Peer(flow);
        if (message.IsSingleSegment)
        {
            dispatcher.FromPeer(peer, message.FirstSpan);
            return;
        }
        int length = (int)message.Length;
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        message.CopyTo(copy);
        dispatcher.FromPeer(peer, copy.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(copy);
    }

    private void Refuse(EdgeConnection flow, in ReadOnlySequence<byte> headerSection, SipParseError fault)
    {
        byte[] copy = headerSection.ToArray();
        _ = SipMessageView.Parse(copy, out SipMessageView message);
        dispatcher.Refuse(new Peer(flow), message, fault);
    }

    // The answer that names the fault should still reach the peer before the connection closes.
    private async Task FlushAsync(EdgeConnection flow)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), time);
        long since = time.GetTimestamp();
        do
        {
            await timer.WaitForNextTickAsync();
        }
        while (!flow.IsFlushed && time.GetElapsedTime(since) < s_lastAnswer);
    }
}
