using System.CommandLine;
using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>trunks</c>: how the trunks stand now.</summary>
internal static class TrunksCommand
{
    private static readonly Option<string?> s_tenant = TenantChoice.Option();

    public static Command Build()
    {
        var command = new Command("trunks", "List the trunks of the running product: since when each line is registered, or what the carrier said last, the calls over it, and why the last one failed that the carrier did not take.") { RunCommand.Data, s_tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            foreach (TenantDto tenant in await TenantChoice.ChooseAsync(api, parsed.GetValue(s_tenant), cancel))
            {
                IReadOnlyList<TrunkStatusDto> trunks = (await api.GetAsync<Page<TrunkStatusDto>>($"tenants/{tenant.Id}/trunks-status", cancel)).Items;
                await Console.Out.WriteLineAsync($"Tenant {tenant.Name}: {(trunks.Count == 0 ? "no trunks." : "")}");
                if (trunks.Count > 0) Table(trunks).WriteTo(Console.Out);
            }
            return 0;
        });
        return command;
    }

    /// <summary>A row for each line; the trunk and its calls stand in the first of them.</summary>
    internal static TextTable Table(IEnumerable<TrunkStatusDto> trunks)
    {
        var table = new TextTable("Trunk", "Line", "Registered since", "Last failure", "OPTIONS", "Calls", "Channels", "Last failed call");
        foreach (TrunkStatusDto trunk in trunks)
        {
            (string calls, string channels) = ($"{trunk.Calls}", trunk.MaxChannels is { } most ? $"{most}" : "no limit");
            string reach = Reach(trunk);
            if (trunk.Lines.Count == 0)
                table.Add(trunk.Name, "", !trunk.Enabled ? "disabled" : trunk.Kind == TrunkKind.Ip ? "by address" : "", "", reach, calls, channels, CallText(trunk));
            for (int i = 0; i < trunk.Lines.Count; i++)
            {
                TrunkLineDto line = trunk.Lines[i];
                string since = line.RegisteredSince is { } registered ? Local(registered) : "not registered";
                table.Add(i == 0 ? trunk.Name : "", line.Account, since, FailureText(line.LastFailure), i == 0 ? reach : "", i == 0 ? calls : "", i == 0 ? channels : "", i == 0 ? CallText(trunk) : "");
            }
        }
        return table;
    }

    private static string Reach(TrunkStatusDto trunk)
    {
        string options = trunk.Reach switch
        {
            TrunkReach.Off => "off",
            TrunkReach.Up => $"up, {trunk.OptionsStatus}",
            TrunkReach.Down => $"down since {(trunk.ReachSince is { } since ? Local(since) : "?")}: {trunk.OptionsStatus} {trunk.OptionsReason}".Replace(":  ", ": ", StringComparison.Ordinal),
            _ => trunk.OptionsReason is null ? "not asked yet" : $"no answer yet: {trunk.OptionsReason}",
        };
        if (trunk.Rel100Learned is { } learned)
            options += $"; without 100rel ({learned})";
        return trunk.WithoutTcp is { } why ? $"{options}; without TCP ({why})" : options;
    }

    private static string CallText(TrunkStatusDto trunk) =>
        trunk.CallsAgainSince is { } again ? $"{FailureText(trunk.LastCallFailure)}; calls again since {Local(again)}" : FailureText(trunk.LastCallFailure);

    private static string FailureText(TrunkFailureDto? failure) =>
        failure is null ? "" : string.Join(' ', new[] { Local(failure.At), $"{failure.Status}", failure.Reason }.Where(word => word.Length > 0));

    private static string Local(DateTime utc) => utc.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
