using System.CommandLine;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>drain</c>: lets no call begin on a media node, or lets them again.</summary>
internal static class DrainCommand
{
    private static readonly Argument<string> s_node = new("NAME") { Description = "The node, as ./pbx nodes shows it." };

    private static readonly Option<bool> s_undo = new("--undo") { Description = "Let calls begin there again." };

    public static Command Build()
    {
        var command = new Command("drain", "Let no call begin on a media node; those that stand go to another one, where there is one.") { s_node, s_undo, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(new Installation(parsed.GetValue(RunCommand.Data)!.FullName));
            bool undo = parsed.GetValue(s_undo);
            try
            {
                await api.SendAsync(undo ? HttpMethod.Delete : HttpMethod.Post, $"nodes/{Uri.EscapeDataString(parsed.GetValue(s_node)!)}/drain", cancel);
                await Console.Out.WriteLineAsync(undo ? "Calls begin there again within seconds." : "No call begins there from now on; ./pbx nodes shows how many stand.");
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
