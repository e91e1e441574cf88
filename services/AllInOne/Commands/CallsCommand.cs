using System.CommandLine;
using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>calls</c>: the call records, the newest first.</summary>
internal static class CallsCommand
{
    private static readonly Option<string?> s_tenant = TenantChoice.Option();
    private static readonly Option<int> s_count = new("--count")
    {
        Description = "How many.",
        CustomParser = result => RunCommand.ParseNumber(result, 1, 200, "--count must be 1 to 200."),
        DefaultValueFactory = _ => 20,
    };

    public static Command Build()
    {
        var command = new Command("calls", "List the call records of the running product, the newest first.") { RunCommand.Data, s_tenant, s_count };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            foreach (TenantDto tenant in await TenantChoice.ChooseAsync(api, parsed.GetValue(s_tenant), cancel))
            {
                Page<CallRecordDto> page = await api.GetAsync<Page<CallRecordDto>>($"tenants/{tenant.Id}/calls?limit={parsed.GetValue(s_count)}", cancel);
                await Console.Out.WriteLineAsync($"Tenant {tenant.Name}: {(page.Items.Count == 0 ? "no calls yet." : "")}");
                if (page.Items.Count > 0) Table(page.Items).WriteTo(Console.Out);
            }
            return 0;
        });
        return command;
    }

    private static TextTable Table(IEnumerable<CallRecordDto> calls)
    {
        var table = new TextTable("Started", "From", "To", "Over", "Result", "Talked", "Status", "Ended by", "Media");
        foreach (CallRecordDto call in calls)
        {
            table.Add(
                call.StartedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                call.CallerName is { Length: > 0 } name && name != call.CallerNumber ? $"{call.CallerNumber} {name}" : call.CallerNumber,
                call.AnsweredBy is { } by && by != call.CalledNumber ? $"{call.CalledNumber} → {by}" : call.CalledNumber,
                Over(call),
                Words(call.Disposition),
                TimeSpan.FromMilliseconds(call.TalkMilliseconds).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
                $"{call.SipStatus}",
                Words(call.ReleasedBy),
                string.Join(" | ", call.Media.Select(MediaText)));
        }
        return table;
    }

    /// <summary>The trunk, with the carrier's form of the number where that is another.</summary>
    internal static string Over(CallRecordDto call) => (call.Direction, call.TrunkName) switch
    {
        (_, null) => "",
        (CallDirection.Inbound, { } trunk) => $"← {trunk}",
        (_, { } trunk) => call.TrunkNumber is { } number && number != call.CalledNumber ? $"→ {trunk} {number}" : $"→ {trunk}",
    };

    /// <summary>One leg's figures in a few words.</summary>
    internal static string MediaText(LegMedia leg) =>
        $"{leg.Codec ?? "no media"}{(leg.Encrypted ? " SRTP" : "")} {leg.PacketsReceived}↑ {leg.PacketsSent}↓{(leg.PacketsLost > 0 ? $" {leg.PacketsLost} lost" : "")}";

    private static string Words<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()).Replace('-', ' ');
}
