using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Dialogs;

/// <summary>A dialog (RFC 3261 §12): makes the requests in it and checks those of the peer. All it knows is in <see cref="State"/>.</summary>
/// <remarks>Pure: it neither sends nor waits. Used on the owner's thread.</remarks>
public sealed class Dialog
{
    private const int MaximumRoutes = 32;

    private SipUri? _target;                             // of the state's text

    /// <summary>Creates a dialog of a stored state.</summary>
    /// <param name="state">The state.</param>
    /// <exception cref="ArgumentException">A URI or address in it that is malformed: it was not written here.</exception>
    public Dialog(DialogState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        State = state;
        _ = Target;                                      // fail here, not in the first request
        foreach (string text in (string[])[state.LocalAddress, state.RemoteAddress, state.LocalContact, .. state.RouteSet])
            _ = ParseAddress(text);
    }

    // Of what messages said that were parsed: it needs no second look.
    private Dialog(DialogState state, SipUri? target) => (State, _target) = (state, target);

    /// <summary>Gets the state; replaced whole by each change.</summary>
    public DialogState State { get; private set; }

    /// <summary>Gets the dialog's identity at our end.</summary>
    public DialogId Id => new(State.CallId, State.LocalTag, State.RemoteTag);

    /// <summary>The caller's dialog, made by a response above 100 (§12.1.2). A response without Contact leaves the Request-URI as remote target, one without To tag an empty tag (I24).</summary>
    /// <param name="invite">Our INVITE, with Contact.</param>
    /// <param name="response">A 101 to 299 to it.</param>
    /// <returns>An early dialog, or a confirmed one if the response is a 2xx.</returns>
    public static Dialog FromResponse(SipRequest invite, SipResponse response)
    {
        ArgumentNullException.ThrowIfNull(invite);
        ArgumentNullException.ThrowIfNull(response);
        return new(new DialogState
        {
            CallId = invite.CallId,
            LocalTag = invite.From.Tag ?? "",
            RemoteTag = response.To.Tag ?? "",
            LocalAddress = invite.From.WithTag(null).ToString(),
            RemoteAddress = invite.To.WithTag(null).ToString(),
            LocalContact = FirstContact(invite)?.ToString() ?? invite.From.WithTag(null).ToString(),
            RemoteTarget = TargetOf(response) ?? TargetText(invite.RequestUri),
            RouteSet = RoutesOf(response, reversed: true),
            LocalCSeq = invite.CSeq.Number,
            InviteCSeq = invite.CSeq.Number,
            IsCaller = true,
            IsConfirmed = response.IsSuccess,
            IsSecure = invite.RequestUri.Scheme == SipScheme.Sips,
            PeerTakesUpdate = TakesUpdate(response),
        }, target: null);
    }

    /// <summary>The callee's dialog, made by an INVITE (§12.1.1). One without Contact leaves the URI of From as remote target.</summary>
    /// <param name="invite">The peer's INVITE.</param>
    /// <param name="localTag">Our To tag.</param>
    /// <param name="contact">Our Contact.</param>
    /// <param name="secureFlow">Whether it came by TLS.</param>
    /// <returns>An early dialog.</returns>
    public static Dialog FromRequest(SipRequest invite, string localTag, NameAddress contact, bool secureFlow)
    {
        ArgumentNullException.ThrowIfNull(invite);
        ArgumentNullException.ThrowIfNull(contact);
        return new(new DialogState
        {
            CallId = invite.CallId,
            LocalTag = localTag,
            RemoteTag = invite.From.Tag ?? "",
            LocalAddress = invite.To.WithTag(null).ToString(),
            RemoteAddress = invite.From.WithTag(null).ToString(),
            LocalContact = contact.ToString(),
            RemoteTarget = TargetOf(invite) ?? TargetText(invite.From.Uri),
            RouteSet = RoutesOf(invite, reversed: false),
            LocalCSeq = 0,
            RemoteCSeq = invite.CSeq.Number,
            InviteCSeq = invite.CSeq.Number,
            IsSecure = secureFlow && invite.RequestUri.Scheme == SipScheme.Sips,
            PeerTakesUpdate = TakesUpdate(invite),
        }, target: null);
    }

    /// <summary>Makes an early dialog a confirmed one. The caller takes remote target and route set of the 2xx, even where the early dialog had others (§13.2.2.4).</summary>
    /// <param name="answer">The 2xx where we called; <see langword="null"/> where we were called.</param>
    public void Confirm(SipResponse? answer)
    {
        State = State with { IsConfirmed = true };
        if (answer is not null)
        {
            State = State with { RemoteTarget = TargetOf(answer) ?? State.RemoteTarget, RouteSet = RoutesOf(answer, reversed: true) };
            LearnMethods(answer);
        }
    }

    /// <summary>Makes a request in the dialog (§12.2.1.1), with the next CSeq number; without Via and body.</summary>
    /// <param name="method">Neither ACK nor CANCEL.</param>
    /// <returns>The request; it has Contact if the method refreshes the target (INVITE, UPDATE, SUBSCRIBE, NOTIFY) or begins a subscription.</returns>
    public SipRequest CreateRequest(SipMethod method)
    {
        if (method == SipMethod.Ack || method == SipMethod.Cancel)
            throw new ArgumentException("ACK and CANCEL take the CSeq number of their INVITE.", nameof(method));
        // A callee's first request may begin anywhere below 2^31 (§12.2.1.1); 1 is what all peers cope with.
        return CreateRequest(method, NextCSeq());
    }

    /// <summary>Makes a request as <see cref="CreateRequest(SipMethod)"/> would, to be measured and not sent: it takes no CSeq number.</summary>
    /// <param name="method">Neither ACK nor CANCEL.</param>
    /// <returns>The request.</returns>
    internal SipRequest SketchRequest(SipMethod method) => CreateRequest(method, State.LocalCSeq + 1);

    private SipRequest CreateRequest(SipMethod method, uint cseq)
    {
        SipRequest request = Create(method, cseq);
        if (RefreshesTarget(method) || method == SipMethod.Refer)
            request.Headers.Add(SipHeaderName.Contact, State.LocalContact);
        return request;
    }

    /// <summary>Makes the ACK of a 2xx (§13.2.2.4): in the dialog, with the INVITE's CSeq number; without Via and body.</summary>
    /// <param name="inviteCSeq">The CSeq number of the INVITE that was answered.</param>
    /// <returns>The ACK.</returns>
    public SipRequest CreateAck(uint inviteCSeq) => Create(SipMethod.Ack, inviteCSeq);

    /// <summary>Takes the next CSeq number of ours, for another attempt of a request that was challenged.</summary>
    /// <returns>The number, one higher than the last.</returns>
    public uint NextCSeq()
    {
        State = State with { LocalCSeq = State.LocalCSeq + 1 };
        return State.LocalCSeq;
    }

    /// <summary>Takes the CSeq number of a request of the peer (§12.2.2).</summary>
    /// <param name="request">A request other than ACK and CANCEL, not a retransmission.</param>
    /// <returns><see langword="false"/> if the number is lower than one before: it is to be answered with 500. An equal one is let through, for peers that repeat a challenged request with it.</returns>
    public bool TryAdvance(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        uint number = request.CSeq.Number;
        if (number < State.RemoteCSeq)
            return false;
        State = State with { RemoteCSeq = number };
        return true;
    }

    /// <summary>Takes a new remote target of a target refresh request or of the 2xx to ours (§12.2.1.2, §12.2.2).</summary>
    /// <param name="message">A message of the peer whose CSeq method is INVITE, UPDATE, SUBSCRIBE or NOTIFY; others change nothing.</param>
    /// <returns>Whether the target changed.</returns>
    public bool RefreshTarget(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        LearnMethods(message);
        if (!RefreshesTarget(message.CSeq.Method) || TargetOf(message) is not { } target || target == State.RemoteTarget)
            return false;
        State = State with { RemoteTarget = target };
        return true;
    }

    /// <summary>Takes the session timer that was agreed on.</summary>
    /// <param name="timer">The timer, or <see langword="null"/> for none.</param>
    internal void Agree(SessionTimer? timer) => State = State with { SessionTimer = timer };

    private void LearnMethods(SipMessage message)
    {
        if (message.Headers.Has(SipHeaderName.Allow))
            State = State with { PeerTakesUpdate = TakesUpdate(message) };
    }

    private static bool TakesUpdate(SipMessage message) => message.HasToken(SipHeaderName.Allow, SipMethod.Update.Name);

    // RFC 3311 §5, RFC 6665 §4.1.2.1 and §4.2.2.
    private static bool RefreshesTarget(SipMethod method) =>
        method == SipMethod.Invite || method == SipMethod.Update || method == SipMethod.Subscribe || method == SipMethod.Notify;

    // The addresses were written without one.
    private static string WithTag(string address, string tag) => tag.Length == 0 ? address : address + SipParameters.Empty.With("tag", tag);

    private static NameAddress ParseAddress(string text) =>
        NameAddress.TryParse(text, out NameAddress? address) ? address : throw new ArgumentException($"Not an address: {text}", nameof(text));

    private static NameAddress? FirstContact(SipMessage message) => message.Contacts.Count > 0 ? message.Contacts[0] : null;

    private static string? TargetOf(SipMessage message) => FirstContact(message) is { } contact ? TargetText(contact.Uri) : null;

    /// <summary>§19.1.1, table 1: neither header fields nor a method parameter belong into a Request-URI.</summary>
    private static string TargetText(SipUri uri)
    {
        if (!uri.IsSip)
            return uri.ToString();
        uri = uri.WithoutHeaders();
        return (uri.Parameters.Has("method") ? uri.WithParameters(uri.Parameters.Without("method")) : uri).ToString();
    }

    private static string[] RoutesOf(SipMessage message, bool reversed)
    {
        IEnumerable<string> routes = message.RecordRoutes.Take(MaximumRoutes).Select(route => route.ToString());
        return [.. reversed ? routes.Reverse() : routes];
    }

    private SipUri Target => _target is { } known && known.ToString() == State.RemoteTarget ? known : _target = SipUri.Parse(State.RemoteTarget);

    private SipRequest Create(SipMethod method, uint number)
    {
        SipUri target = Target;
        IReadOnlyList<string> routes = State.RouteSet;
        // Any lr, also lr=on and lr=true (I22), is loose routing.
        bool strict = routes.Count > 0 && !ParseAddress(routes[0]).Uri.Parameters.Has("lr");
        SipRequest request = new(method, strict ? SipUri.Parse(TargetText(ParseAddress(routes[0]).Uri)) : target);
        foreach (string route in strict ? [.. routes.Skip(1), $"<{State.RemoteTarget}>"] : routes)     // §12.2.1.1, I23
            request.Headers.Add(SipHeaderName.Route, route);
        request.Headers.Add(SipHeaderName.MaxForwards, "70");
        request.Headers.Add(SipHeaderName.From, WithTag(State.LocalAddress, State.LocalTag));
        request.Headers.Add(SipHeaderName.To, WithTag(State.RemoteAddress, State.RemoteTag));
        request.Headers.Add(SipHeaderName.CallId, State.CallId);
        request.Headers.Add(SipHeaderName.CSeq, new CSeq(number, method).ToString());
        return request;
    }
}
