using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Resolution;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// Tries a trunk against its carrier, by what is safe on a live one: its servers' names, ways to them, the registration that stands, one OPTIONS each, and where a number is
/// given one call to it. Says what was seen, and which settings the answers suggest.
/// </summary>
/// <remarks>Used on the tenant's thread. Takes less than half a minute, whatever the carrier does.</remarks>
internal sealed class TrunkCheck(TenantRuntime tenant, WorkerServices worker, TrunkSettings trunk)
{
    private const int MostServers = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    private readonly List<TrunkCheckStep> _steps = [];
    private readonly List<TrunkCheckSuggestion> _suggestions = [];

    /// <summary>The whole check.</summary>
    /// <param name="number">The number of a test call, in the carrier's form; null for none.</param>
    public async Task<TrunkCheckAnswer> RunAsync(string? number)
    {
        if (!trunk.Enabled)
            Note("settings", TrunkCheckOutcome.Doubtful, "The trunk is disabled: it neither registers nor takes calls.");
        NextHops found = await tenant.Trunks.Flows.FindAsync(trunk);
        if (found.Hops.Count == 0)
        {
            Note("dns", TrunkCheckOutcome.Bad, $"{ServerText()}: {found.Fault ?? "no server"}");
            Suggest("server.host", "", "The name leads to no server. Where the carrier names a proxy, that is outboundProxy.");
        }
        else
        {
            Note("dns", TrunkCheckOutcome.Good, $"{ServerText()}: {string.Join(", ", found.Hops.Take(MostServers).Select(Text))}");
        }
        NextHop? way = null;
        EdgeFlow? first = null;
        foreach (NextHop hop in found.Hops.Take(MostServers))
        {
            if (await ConnectAsync(hop) is not { } flow)
                continue;
            (way, first) = (way ?? hop, first ?? flow);
        }
        CheckLines();
        Task options = Task.WhenAll(found.Hops.Take(MostServers).Select(AskOptionsAsync));
        if (number is not null && first is not null && way is not null)
            await new TrunkTestCall(tenant, worker, trunk, first, Note, Suggest).RunAsync(number);
        else if (number is not null)
            Note("call", TrunkCheckOutcome.Bad, "There is no way to the carrier to call by.");
        await options;
        return new TrunkCheckAnswer(_steps, _suggestions);
    }

    private async Task<EdgeFlow?> ConnectAsync(NextHop hop)
    {
        (EdgeFlow? flow, string? fault) = await tenant.Trunks.Flows.OpenAsync(trunk, hop);
        if (flow is not null)
        {
            Note("connection", TrunkCheckOutcome.Good, $"{Text(hop)}: open{(trunk.Profile.ContactHost is { } host ? $", we are {host} there" : "")}");
            return flow;
        }
        Note("connection", TrunkCheckOutcome.Bad, $"{Text(hop)}: {fault ?? "no way to the server"}");
        if (fault?.StartsWith("No certificate of ours", StringComparison.Ordinal) == true)
            Suggest("clientCertificate", "", "The edge has no certificate of that name to show to the carrier.");
        else if (hop.Transport == Sip.Transport.SipTransport.Tls && fault?.Contains("certificate", StringComparison.OrdinalIgnoreCase) == true)
            Suggest("tlsServerName", "", "The server's certificate bears another name than the one that was asked for.");
        return null;
    }

    private void CheckLines()
    {
        if (trunk.Kind != TrunkKind.Registered)
        {
            if (trunk.Sources.Count == 0)
                Note("settings", TrunkCheckOutcome.Doubtful, "The trunk has no sources: no call from the carrier is believed.");
            return;
        }
        foreach (TrunkAccount account in trunk.Accounts)
        {
            if (trunk.IsCopy)
            {
                // The line is its owner's, who alone is told of its account and what the carrier said.
                bool registered = tenant.Trunks.IsRegistered(trunk, account);
                Note("registration", registered ? TrunkCheckOutcome.Good : TrunkCheckOutcome.Bad, registered ? "A line of your provider's is registered" : "A line of your provider's is not registered");
                continue;
            }
            LineStatus? line = tenant.Trunks.FindLine(trunk.Id, account.User)?.Status;
            if (line?.RegisteredSince is { } since)
                Note("registration", TrunkCheckOutcome.Good, $"{account.User}: registered since {since:yyyy-MM-dd HH:mm:ss} UTC");
            else
                Note("registration", TrunkCheckOutcome.Bad, $"{account.User}: not registered{(line?.FailedAt is null ? "" : $", the last word was {(line.FailureStatus is > 0 and { } status ? $"{status} " : "")}{line.FailureReason}")}");
            switch (line)
            {
                case { RegisteredSince: null, FailureStatus: 401 or 403 or 407 }:
                    Suggest("accounts", "", $"The carrier refused {account.User} with {line.FailureStatus}: its password, or another authUser than the user.");
                    break;
                case { RegisteredSince: null, FailureStatus: 400 or 404 or 482 or 488 or 500 } when !trunk.Profile.FreshCallIdPerRegister:
                    Suggest("freshCallIdPerRegister", "true", $"The carrier refused the REGISTER with {line.FailureStatus}: some registrars take no second one with the same Call-ID.");
                    break;
            }
        }
    }

    private async Task AskOptionsAsync(NextHop hop)
    {
        (EdgeFlow? flow, _) = await tenant.Trunks.Flows.OpenAsync(trunk, hop);
        if (flow is null)
            return;                                               // said above
        Task<SipResponse> answer = tenant.Agents.SendAsync(TrunkPing.RequestFor(tenant, trunk, flow), flow);
        await tenant.Scheduler.FirstOf(answer, tenant.DelayAsync(s_patience, out TimerHandle timer));
        timer.Cancel();
        if (!answer.IsCompletedSuccessfully)
        {
            Note("options", TrunkCheckOutcome.Doubtful, $"{Text(hop)}: no answer in {s_patience.TotalSeconds:0} s");
            if (trunk.Profile.OptionsKeepAlive)
                Suggest("optionsKeepAlive", "false", "The carrier does not answer OPTIONS; if calls work all the same, it should not be asked.");
            return;
        }
        SipResponse response = await answer;
        bool alive = !CarrierAnswer.IsServerFailure(response.StatusCode);
        Note("options", alive ? TrunkCheckOutcome.Good : TrunkCheckOutcome.Bad,
            $"{Text(hop)}: {response.StatusCode} {response.ReasonPhrase}{(response.Headers.Get(SipHeaderName.Server) is { } server ? $", {server}" : "")}");
        if (!response.IsSuccess)
            return;
        if (trunk.Profile.Rel100 == Rel100Policy.Required && !response.Supports("100rel"))
            Suggest("rel100", "auto", "The carrier does not name 100rel among what it supports, but the profile requires it.");
        if (response.Headers.GetValues(SipHeaderName.Accept) is { Count: > 0 } accepted && !accepted.Any(value => value.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase) || value.StartsWith('*')))
            Note("options", TrunkCheckOutcome.Doubtful, $"{Text(hop)}: it does not accept application/sdp");
    }

    private string ServerText()
    {
        TrunkServer server = trunk.OutboundProxy ?? trunk.Server;
        return server.Port is { } port ? $"{server.Host}:{port}" : server.Host;
    }

    private static string Text(NextHop hop) => $"{Sip.Transport.Flow.TransportName(hop.Transport)} {hop.EndPoint}";

    private void Note(string step, TrunkCheckOutcome outcome, string text) => _steps.Add(new TrunkCheckStep(step, outcome, text));

    private void Suggest(string setting, string value, string reason)
    {
        if (!_suggestions.Exists(known => known.Setting == setting && known.Value == value))
            _suggestions.Add(new TrunkCheckSuggestion(setting, value, reason));
    }
}
