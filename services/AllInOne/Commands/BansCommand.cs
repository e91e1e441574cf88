using System.CommandLine;
using System.Globalization;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>bans</c>: who is banned for guessing passwords.</summary>
internal static class BansCommand
{
    public static Command Build()
    {
        var command = new Command("bans", "List the sources and accounts that get no answer because they guessed passwords.") { RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            IReadOnlyList<BanDto> bans = (await api.GetAsync<Page<BanDto>>("bans", cancel)).Items;
            if (bans.Count == 0)
            {
                await Console.Out.WriteLineAsync("Nobody is banned.");
                return 0;
            }
            Dictionary<string, string> names = (await TenantChoice.ChooseAsync(api, null, cancel)).ToDictionary(t => t.Id.ToString(), t => t.Name);
            var table = new TextTable("Source", "Tenant", "Account", "Since", "Ends in", "Time");
            foreach (BanDto ban in bans)
            {
                table.Add(
                    ban.Source,
                    ban.Tenant is { } tenant ? names.GetValueOrDefault(tenant.ToString(), tenant.ToString()) : "all",
                    ban.Account ?? "all",
                    ban.Since.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    $"{Math.Max(0, (int)(ban.Until - DateTime.UtcNow).TotalSeconds)} s",
                    $"{ban.Strikes}.");
            }
            table.WriteTo(Console.Out);
            return 0;
        });
        return command;
    }
}
