using System.CommandLine;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>unban</c>: lifts bans.</summary>
internal static class UnbanCommand
{
    private static readonly Argument<string> s_source = new("SOURCE") { Description = "The address, as ./pbx bans shows it." };

    private static readonly Argument<string?> s_account = new("ACCOUNT")
    {
        Description = "Only this user name. Default: the source and all its accounts.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Build()
    {
        var command = new Command("unban", "Let a source, or one account from there, in again at once.") { s_source, s_account, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            string query = $"bans?source={Uri.EscapeDataString(parsed.GetValue(s_source)!)}";
            if (parsed.GetValue(s_account) is { } account) query += $"&account={Uri.EscapeDataString(account)}";
            try
            {
                int lifted = (await api.DeleteAsync<LiftedBans>(query, cancel)).Lifted;
                await Console.Out.WriteLineAsync(lifted == 1 ? "One ban was lifted." : $"{lifted} bans were lifted.");
                return 0;
            }
            catch (ApiException e)
            {
                throw new StartException(e.Message);
            }
        });
        return command;
    }
}
