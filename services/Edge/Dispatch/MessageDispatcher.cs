using System.Buffers;
using System.Text;
using CloudPbx.Edge.Guard;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.State.Bans;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Forwards messages between peers and workers, statelessly: this half takes what peers send, the other what workers send.</summary>
/// <remarks>Thread-safe; never throws because of a message; allocates nothing for one that is forwarded.</remarks>
internal sealed partial class MessageDispatcher
{
    private static readonly byte[] s_served = Encoding.ASCII.GetBytes($"Allow: {ServedMethods.Allow}\r\nAccept: {ServedMethods.Accept}");       // RFC 3261 §11.2

    // Phones register at least once an hour, and so do we.
    private static readonly TimeSpan s_registration = TimeSpan.FromMinutes(65);

    private readonly EdgeIdentity _identity;
    private readonly EdgeOptions _options;
    private readonly WorkerLinks _links;
    private readonly OpenFlows _flows;
    private readonly FlowTokens _tokens;
    private readonly ExpiringTable<InternetEndPoint, Guid> _flowTenants;      // who last authenticated on a UDP flow, for phones that know no domain; connections keep it themselves
    private readonly ExpiringTable<InternetEndPoint, Guid> _registrars;       // by address alone
    private readonly ExpiringTable<(InternetEndPoint Remote, Guid Tenant), bool> _phones;      // flows on which a phone of a tenant's is; a phone may have accounts of several
    private readonly Challenger _challenger;
    private readonly HeldMessages _held;
    private readonly AdmittedRequests _admitted;
    private readonly BanGate _bans;
    private readonly EmergencyBrake _brake;
    private readonly AnswerCredit _credit;
    private readonly ScannerTrap _trap;
    private readonly EdgeDrain _drain;
    private readonly EdgeMetrics _metrics;
    private volatile DirectoryIndex? _directory;

    public MessageDispatcher(EdgeIdentity identity, IOptions<EdgeOptions> options, WorkerLinks links, OpenFlows flows, BanGate bans, EmergencyBrake brake, AnswerCredit credit, ScannerTrap trap, EdgeDrain drain, TimeProvider time, EdgeMetrics metrics)
    {
        _identity = identity;
        _options = options.Value;
        _links = links;
        _flows = flows;
        _tokens = new FlowTokens(identity, flows);
        _flowTenants = new ExpiringTable<InternetEndPoint, Guid>(time);
        _registrars = new ExpiringTable<InternetEndPoint, Guid>(time);
        _phones = new ExpiringTable<(InternetEndPoint, Guid), bool>(time);
        _challenger = new Challenger(time);
        _admitted = new AdmittedRequests(time);
        _held = new HeldMessages(time, _options.HoldTime, _options.MaxHeld);
        _bans = bans;
        _brake = brake;
        _credit = credit;
        _trap = trap;
        _drain = drain;
        _metrics = metrics;
        _metrics.WatchLinks(() => _links.UpCount);
        _links.Receiver = FromWorker;
        _links.CameUp = SendHeld;
    }

    /// <summary>Opens the flows to carriers that workers ask for, and answers, now or later. Set before the first worker is there.</summary>
    public Action<SipRequest, Action<SipResponse>>? Opener { get; set; }

    /// <summary>The directory; replaced whole.</summary>
    public DirectoryIndex? Directory
    {
        get => _directory;
        set
        {
            _directory = value;
            if (value is not null)
                _challenger.KeepOnly(value);
        }
    }

    /// <summary>Whether a directory was set.</summary>
    public bool HasDirectory => _directory is not null;

    /// <summary>Takes one message of a peer.</summary>
    /// <param name="peer">Where it came from.</param>
    /// <param name="octets">A datagram, or a message cut from a stream.</param>
    public void FromPeer(in Peer peer, ReadOnlySpan<byte> octets)
    {
        // S3: silence. A flow on which somebody authenticated is heard, and so is a carrier, and who calls for help.
        bool isBanned = _bans.Covers(peer.Remote) && FlowTenant(peer) is null && _directory?.Carriers.Find(peer.Remote, peer.Connection?.ProvedSource) is null;
        if (isBanned && !TryHearEmergency(peer, octets))
        {
            _metrics.Dropped("ban");
            return;
        }
        SipParseError fault = SipMessageView.Parse(octets, out SipMessageView message);
        if (fault == SipParseError.None)
            fault = FindLimit(message);
        if (fault == SipParseError.None)
            fault = message.FindFault();
        if (fault == SipParseError.Empty)
            return;
        _metrics.Received(peer.Transport);
        if (fault != SipParseError.None)
            Refuse(peer, message, fault);
        else if (message.IsRequest)
            ForwardRequestInward(peer, message, isEmergency: isBanned);
        else
            ForwardResponseInward(peer, message);
    }

    /// <summary>Whether a peer may get an answer of that length. Over UDP a stranger may write anybody's address into his request, so he gets no more than he has sent (S32); a carrier and whoever authenticated
    /// there get what they asked for, and a connection proves its address.</summary>
    /// <param name="peer">Whom it goes to.</param>
    /// <param name="length">Octets.</param>
    public bool MayAnswer(in Peer peer, int length) => peer.Connection is not null || _flowTenants.TryFind(peer.Remote, out _)
        || _credit.TrySpend(peer.Remote, length) || _directory?.Carriers.Find(peer.Remote) is not null;

    /// <summary>Answers a request that is no proper SIP, where it can be answered (RFC 3261 §16.3 step 1).</summary>
    public void Refuse(in Peer peer, in SipMessageView message, SipParseError fault)
    {
        _metrics.Malformed(fault);
        if (message.IsRequest && message.IsAnswerable)
            Answer(peer, message, fault.ToStatusCode(), fault.ToReasonPhrase());
    }

    private SipParseError FindLimit(in SipMessageView message)
    {
        int body = message.BodyRange.Start.GetOffset(message.Octets.Length);
        return body > _options.MaxHeaderSection ? SipParseError.HeaderSectionTooLarge
            : message.Body.Length > _options.MaxBody ? SipParseError.BodyTooLarge
            : SipParseError.None;
    }

    private void ForwardRequestInward(in Peer peer, in SipMessageView request, bool isEmergency)
    {
        EdgeKey key = _identity.Key;
        bool isAck = request.MethodText.SequenceEqual("ACK"u8);
        if (isAck && StatelessResponse.IsAcknowledgedBy(request, key))
            return;
        if (request.TryFind(SipHeaderName.MaxForwards, out SipHeaderView maxForwards)
            && StatelessForwarder.TryReadMaxForwards(maxForwards.Value, out int hops) && hops == 0)
        {
            Answer(peer, request, 483, "Too Many Hops");
            return;
        }
        if (_directory is not { } directory)
        {
            _metrics.Dropped("directory");      // nothing listens before it is loaded
            return;
        }
        Carrier? carrier = directory.Carriers.Find(peer.Remote, peer.Connection?.ProvedSource);
        bool isRegistrar = _registrars.TryFind(peer.Remote.WithoutPort, out _);
        TenantVerdict verdict = TenantFinder.Find(request, directory, carrier, FlowTenant(peer), out Guid tenant, out ReadOnlySpan<byte> requestUri, isRegistrar);
        if (carrier is null && verdict != TenantVerdict.FoundByCarrier && !isEmergency && IsTrapped(peer, request)
            && !(verdict == TenantVerdict.Found && IsEmergency(peer, request, directory, tenant, ref isEmergency)))
        {
            _metrics.Dropped("trap");
            return;
        }
        switch (verdict)
        {
            case TenantVerdict.CarrierProbe:
                Answer(peer, request, 200, "OK", field: s_served);
                return;
            case TenantVerdict.Foreign:
                Answer(peer, request, 404, "Not Found");
                return;
            case TenantVerdict.UnknownScheme:
                Answer(peer, request, 416, "Unsupported URI Scheme");
                return;
            default:
                break;
        }

        if (_bans.Covers(peer.Remote, tenant, request) && !IsEmergency(peer, request, directory, tenant, ref isEmergency))
        {
            _metrics.Dropped("ban");
            return;
        }
        if (_drain.IsDraining && verdict != TenantVerdict.FoundByCarrier && IsNewFlow(peer, request) && !IsEmergency(peer, request, directory, tenant, ref isEmergency))
        {
            AnswerLater(peer, request);         // RFC 3261 §21.5.4: the phone tries another server of the domain
            return;
        }
        bool isNewWork = IsNewWork(request);
        if (isNewWork && !TryAdmit(peer, request, directory, tenant, ref isEmergency))
        {
            AnswerLater(peer, request);         // S12: before anybody made state for it
            return;
        }
        bool isPhone = isNewWork && carrier is null && !isRegistrar && !isEmergency && _phones.TryFind((peer.Remote, tenant), out _);
        if (verdict == TenantVerdict.Found && _challenger.MayChallenge(request, directory, tenant, isPhone, out ReadOnlySpan<byte> realm))
        {
            Span<byte> challenge = stackalloc byte[Challenger.LongestField];
            (int status, string reason) = Challenger.AnswerTo(request);
            Answer(peer, request, status, reason, field: challenge[.._challenger.Write(request, _identity.Nonces, realm, peer.Remote, challenge)]);
            return;
        }
        var context = new InwardRequest
        {
            Tenant = tenant,
            EdgeId = _identity.Id,
            Key = key,
            FlowToken = _tokens.Write(peer, stackalloc byte[FlowToken.MaxLength]),
            Source = peer.Remote,
            RequestUri = requestUri,
            IsTrusted = verdict == TenantVerdict.FoundByCarrier,
        };
        byte[] buffer = ArrayPool<byte>.Shared.Rent(request.Octets.Length + StatelessForwarder.Room);
        ReadOnlySpan<byte> forwarded = buffer.AsSpan(0, StatelessForwarder.WriteRequestInward(request, context, buffer));
        if (forwarded.IsEmpty)
            _metrics.Dropped("rewrite");
        else if (_links.TrySend(tenant, forwarded))
            _metrics.ForwardedInward(peer.Transport, isRequest: true);
        else
            WithoutWorker(peer, request, tenant, forwarded);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    // Whether a message of a banned source begins a call for help, and the brake lets it pass (S36). Nothing is answered that is anything else.
    private bool TryHearEmergency(in Peer peer, ReadOnlySpan<byte> octets)
    {
        bool isEmergency = false;
        if (SipMessageView.Parse(octets, out SipMessageView request) != SipParseError.None || !request.IsRequest
            || FindLimit(request) != SipParseError.None || request.FindFault() != SipParseError.None || _directory is not { } directory
            || TenantFinder.Find(request, directory, carrier: null, FlowTenant(peer), out Guid tenant, out _) != TenantVerdict.Found
            || !IsEmergency(peer, request, directory, tenant, ref isEmergency))
            return false;
        peer.Connection?.Heard();
        return true;
    }

    // Whether a request begins a call for help: the INVITE to an emergency number, its CANCEL, the ACK of what refused it. Asked where it would be refused, it takes a piece of the brake once.
    private bool IsEmergency(in Peer peer, in SipMessageView request, DirectoryIndex directory, Guid tenant, ref bool isEmergency)
    {
        if (isEmergency)
            return true;
        ReadOnlySpan<byte> method = request.MethodText;
        return isEmergency = (method.SequenceEqual("INVITE"u8) ? IsNewWork(request) : method.SequenceEqual("ACK"u8) || method.SequenceEqual("CANCEL"u8))
            && SipUriView.Parse(request.RequestUri, out SipUriView target) == SipParseError.None
            && (target.IsEmergencyService || directory.IsEmergency(tenant, target.User))
            && _brake.TryTake(peer.Remote);
    }

    // Whether a stranger has asked for one name after the other (S2). Those who answer a challenge are the workers' to judge.
    private bool IsTrapped(in Peer peer, in SipMessageView request)
    {
        if (HasCredentials(request) || !(request.MethodText.SequenceEqual("REGISTER"u8) || IsNewWork(request)) || FlowTenant(peer) is not null)
            return false;
        ReadOnlySpan<byte> name = request.TryFind(SipHeaderName.To, out SipHeaderView to) && NameAddressView.Parse(to.Value, out NameAddressView address) == SipParseError.None ? address.Uri.User : default;
        bool isScanner = request.TryFind(SipHeaderName.UserAgent, out SipHeaderView agent) && ScannerAgents.Include(agent.Value);
        (bool isHeard, bool isCaught) = _trap.Ask(peer.Remote, peer.Connection is not null, name, isScanner);
        if (isCaught)
            _metrics.Trapped(isScanner);
        return !isHeard;
    }

    // Who last authenticated on the flow.
    private Guid? FlowTenant(in Peer peer) => peer.Connection is { } connection ? connection.Tenant
        : _flowTenants.TryFind(peer.Remote, out Guid known) ? known : null;

    private void ForwardResponseInward(in Peer peer, in SipMessageView response)
    {
        if (!StatelessForwarder.TryReadPeerResponse(response, _identity.Key, out Guid tenant))
        {
            _metrics.Dropped("response");       // answers nothing that we sent (RFC 3261 §16.7 step 3, §18.1.2)
            return;
        }
        if (response.StatusCode == 200 && IsAnswerTo(response, "REGISTER"u8))
            _registrars.Learn(peer.Remote.WithoutPort, tenant, s_registration);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(response.Octets.Length + StatelessForwarder.Room);
        ReadOnlySpan<byte> forwarded = buffer.AsSpan(0, StatelessForwarder.WriteResponseInward(response, buffer));
        if (forwarded.IsEmpty)
            _metrics.Dropped("rewrite");
        else if (_links.TrySend(tenant, forwarded))
            _metrics.ForwardedInward(peer.Transport, isRequest: false);
        else
            Hold(peer, tenant, forwarded);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>No worker can take the request. REGISTER and what belongs to a dialog or transaction is never refused: phones that are refused may stay offline.</summary>
    private void WithoutWorker(in Peer peer, in SipMessageView request, Guid tenant, ReadOnlySpan<byte> forwarded)
    {
        if (IsNewWork(request))
            AnswerLater(peer, request);
        else
            Hold(peer, tenant, forwarded);
    }

    // What may be refused: neither REGISTER nor what belongs to a dialog or a transaction.
    private static bool IsNewWork(in SipMessageView request)
    {
        ReadOnlySpan<byte> method = request.MethodText;
        return !method.SequenceEqual("REGISTER"u8) && !method.SequenceEqual("ACK"u8) && !method.SequenceEqual("CANCEL"u8)
            && request.TryFind(SipHeaderName.To, out SipHeaderView to)
            && NameAddressView.Parse(to.Value, out NameAddressView address) == SipParseError.None && address.Tag.IsEmpty;
    }

    // A datagram's sender on whose flow nobody has authenticated, and that wants to begin something: a connection was taken before the drain.
    private bool IsNewFlow(in Peer peer, in SipMessageView request) =>
        peer.Connection is null && !_flowTenants.TryFind(peer.Remote, out _) && (request.MethodText.SequenceEqual("REGISTER"u8) || IsNewWork(request));

    // What came over UDP and was admitted may come again, and is the same work.
    private bool TryAdmit(in Peer peer, in SipMessageView request, DirectoryIndex directory, Guid tenant, ref bool isEmergency)
    {
        ulong name = peer.Connection is null ? BranchHash.NumberOf(_identity.Key, request) : 0;
        if (name != 0 && _admitted.Contains(name))
            return true;
        if (!_links.TryAdmit(tenant, HasCredentials(request)) && !IsEmergency(peer, request, directory, tenant, ref isEmergency))
            return false;
        if (name != 0)
            _admitted.Add(name);
        return true;
    }

    private static bool HasCredentials(in SipMessageView request) =>
        request.IndexOf(SipHeaderName.ProxyAuthorization) >= 0 || request.IndexOf(SipHeaderName.Authorization) >= 0;

    private void Hold(in Peer peer, Guid tenant, ReadOnlySpan<byte> forwarded)
    {
        if (peer.Connection is null)
            _metrics.Dropped("worker");         // the phone retransmits
        else if (_held.TryHold(tenant, forwarded))
            _metrics.Held();
        else
            _metrics.Dropped("held");
        if (_links.IsAnyUp)
            SendHeld();                         // a link came up in between
    }

    private void SendHeld()
    {
        while (_held.TryTake(out Guid tenant, out byte[] message))
        {
            if (!_links.TrySend(tenant, message))
                _metrics.Dropped("worker");
        }
    }

    private void AnswerLater(in Peer peer, in SipMessageView request)
    {
        ReadOnlySpan<byte> callId = request.TryFind(SipHeaderName.CallId, out SipHeaderView field) ? field.Value : default;
        Answer(peer, request, 503, "Service Unavailable", TimeSpan.FromSeconds(RetryAfter.Seconds(_options.RetryAfter, callId)));
    }

    private void Answer(in Peer peer, in SipMessageView request, int status, string reason, TimeSpan retryAfter = default, ReadOnlySpan<byte> field = default)
    {
        if (request.MethodText.SequenceEqual("ACK"u8))
        {
            _metrics.Dropped("ack");
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(request.Octets.Length + StatelessForwarder.Room);
        int length = StatelessResponse.Write(request, status, reason, peer.Remote, _identity.Key, buffer, isDatagram: peer.Connection is null, retryAfter, field);
        bool mayAnswer = length == 0 || MayAnswer(peer, length);
        if (!mayAnswer)
        {
            length = StatelessResponse.Write(request, status, reason, peer.Remote, _identity.Key, buffer, isDatagram: true, retryAfter, field, isLean: true);
            mayAnswer = MayAnswer(peer, length);
        }
        if (!mayAnswer)
            _metrics.Dropped("amplification");  // it comes again, and with it as much as it has sent by then
        else if (length > 0 && peer.TrySend(buffer.AsSpan(0, length)))
            _metrics.Answered(status);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
