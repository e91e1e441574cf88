using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Presence;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// What comes outside dialogs and who may send it (SECURITY.md S7): OPTIONS anyone, REGISTER, INVITE and SUBSCRIBE authenticated devices, anything else
/// nobody, and that only after it is known who asks. CANCEL, ACK and requests in dialogs are the layer's and the calls'.
/// </summary>
internal sealed class RequestDoor(TenantRuntime tenant, WorkerServices worker) : IUserAgentCore
{
    private int _registering;

    /// <inheritdoc/>
    public void OnRequest(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        // A handler that throws ends its own request, not the tenant; the transaction must not wait for ever.
        try
        {
            if (request.Method == SipMethod.Options)
                AnswerOptions(transaction);
            else if (request.Method == SipMethod.Register)
                _ = RegisterAsync(transaction);
            else if (request.Method == SipMethod.Invite)
                ReceiveInvite(transaction);
            else if (request.Method == SipMethod.Subscribe)
                tenant.Lamps.Answer(transaction);
            else
                RefuseOther(transaction);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !transaction.IsAnswered)
        {
            tenant.Respond(transaction, 500);
            throw;
        }
    }

    /// <summary>Whether no REGISTER waits for the store: on a connection a phone asks once, so the tenant answers before it leaves.</summary>
    public bool IsIdle => _registering == 0;

    // Owns its faults: whoever watched it would be one more to be woken for each phone.
    private async Task RegisterAsync(ServerTransaction transaction)
    {
        long came = worker.Time.GetTimestamp();
        _registering++;
        try
        {
            await tenant.Registrar.AnswerAsync(transaction);
            if (transaction.LastResponse is { } answer)
                worker.Metrics.RegisterAnswered(answer.StatusCode, worker.Time.GetElapsedTime(came));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!transaction.IsAnswered)
                tenant.Respond(transaction, 500);
            tenant.Scheduler.Report(e);
        }
        finally
        {
            _registering--;
        }
    }

    /// <summary>A plain 200: keep-alives of phones, GNOME Calls' registration probe (it has neither Max-Forwards nor Contact).</summary>
    private void AnswerOptions(ServerTransaction transaction) => tenant.Respond(
        transaction, 200, null, (SipHeaderName.Allow, ServedMethods.Allow), (SipHeaderName.Accept, ServedMethods.Accept), (SipHeaderName.AcceptEncoding, "identity"), (SipHeaderName.AllowEvents, BusyLamps.Terms.Package));

    private void ReceiveInvite(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        // §8.2.3 and §21.4.13: said before authentication, it tells a stranger nothing.
        if (MessageBody.Of(request) is { IsSdp: false })
            tenant.Respond(transaction, 415, null, (SipHeaderName.Accept, ServedMethods.Accept));
        else if (request.Headers.Get(SipHeaderName.Accept) is not null && !AcceptsSdp(request))
            tenant.Respond(transaction, 406, null, (SipHeaderName.Warning, "399 cloudpbx \"Only application/sdp is spoken here\""));
        else if (request.MaxForwards == 0)
            tenant.Respond(transaction, 483);                     // §16.3 step 3: a back-to-back user agent forwards too (S13)
        else if (tenant.Trunks.LookForServers(request) is { } look)
            _ = LetInAsync(transaction, look);
        else
            LetIn(transaction);
    }

    // Owns its faults.
    private async Task LetInAsync(ServerTransaction transaction, Task look)
    {
        transaction.Cancelled += Give;
        try
        {
            await look;
            transaction.Cancelled -= Give;
            if (!transaction.IsAnswered)
                LetIn(transaction);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!transaction.IsAnswered)
                tenant.Respond(transaction, 500);
            tenant.Scheduler.Report(e);
        }

        void Give(ServerTransaction cancelled, SipRequest cancel) => tenant.Respond(cancelled, 487);      // §9.2
    }

    private void LetIn(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (transaction.Flow is EdgeFlow flow && tenant.Trunks.FindCaller(request, flow) is { } carrier)
        {
            if (!tenant.Agents.RefusesTerms(transaction, LegTerms.For(carrier.Trunk.Profile).Reliable))
                Begin(transaction, carrier, flow);
        }
        else if (tenant.Authenticator.Authenticate(transaction, tenant.Configuration) is { } device
            && !tenant.Agents.RefusesTerms(transaction, tenant.PhoneTerms.Reliable))
            Begin(transaction, device, (EdgeFlow)transaction.Flow);
    }

    private void Begin(ServerTransaction transaction, ConfiguredDevice device, EdgeFlow flow)
    {
        if (!transaction.Request.Headers.Has(SipHeaderName.Replaces))
            tenant.Calls.Start(transaction, device, flow);
        else
            tenant.Calls.Replace(transaction, (call, number, party) => new CallLeg(call, number, party, device, flow)
            {
                Terms = tenant.PhoneTerms,
                Binding = tenant.Registrar.FindBy(device, flow),
                ToneCountry = tenant.Configuration.ToneCountry,
            });
    }

    private void Begin(ServerTransaction transaction, CarrierCaller carrier, EdgeFlow flow)
    {
        if (!transaction.Request.Headers.Has(SipHeaderName.Replaces))
            tenant.Calls.Start(transaction, carrier, flow);
        else if (!carrier.Trunk.Profile.AcceptTransfers)
            tenant.Respond(transaction, 403);
        else
            tenant.Calls.Replace(transaction, (call, number, party) => new CallLeg(call, number, party, carrier.Side, carrier.Number, flow) { Terms = LegTerms.For(carrier.Trunk.Profile), ToneCountry = tenant.Configuration.ToneCountry });
    }

    private void RefuseOther(ServerTransaction transaction)
    {
        SipRequest request = transaction.Request;
        if (request.Method == SipMethod.Message && MessageBody.Of(request) is { } body
            && !body.ContentType.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase))
            tenant.Respond(transaction, 415, null, (SipHeaderName.Accept, "text/plain"));
        else if (request.Method == SipMethod.Prack || request.Method == SipMethod.Update || request.Method == SipMethod.Notify)
            tenant.Respond(transaction, 481);                     // only in dialogs, and there is none
        else if (tenant.Authenticator.Authenticate(transaction, tenant.Configuration) is not null)
            tenant.Respond(transaction, 405, null, (SipHeaderName.Allow, ServedMethods.Allow));
    }

    private static bool AcceptsSdp(SipRequest request) => request.Headers.GetValues(SipHeaderName.Accept).Any(value =>
        value.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase) || value.StartsWith("*/*", StringComparison.Ordinal)
        || value.StartsWith("application/*", StringComparison.OrdinalIgnoreCase));
}
