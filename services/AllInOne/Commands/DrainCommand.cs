using System.CommandLine;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>drain</c> and <c>undrain</c>: empties an edge, a worker or a media node without a call being lost, and ends that.</summary>
internal static class DrainCommand
{
    private static readonly Argument<string> s_node = new("NAME") { Description = "The node, as ./pbx nodes shows it." };

    private static readonly Option<bool> s_undo = new("--undo") { Description = "The same as ./pbx undrain." };

    public static Command Build()
    {
        var command = new Command("drain", "Empty a node: a worker gives its tenants and their calls to others, the calls of a media node go to others, an edge no new connections.") { s_node, s_undo, RunCommand.Data };
        command.SetAction((parsed, cancel) => WishAsync(parsed, parsed.GetValue(s_undo), cancel));
        return command;
    }

    public static Command BuildUndo()
    {
        var command = new Command("undrain", "End the drain of a node.") { s_node, RunCommand.Data };
        command.SetAction((parsed, cancel) => WishAsync(parsed, undo: true, cancel));
        return command;
    }

    private static async Task<int> WishAsync(ParseResult parsed, bool undo, CancellationToken cancel)
    {
        using ApiClient api = ApiClient.Connect(parsed);
        try
        {
            await api.SendAsync(undo ? HttpMethod.Delete : HttpMethod.Post, $"nodes/{Uri.EscapeDataString(parsed.GetValue(s_node)!)}/drain", cancel);
            await Console.Out.WriteLineAsync(undo ? "It takes work again within seconds." : "Nothing new begins there from now on; ./pbx nodes shows what is left.");
            return 0;
        }
        catch (ApiException e)
        {
            throw new StartException(e.Message);
        }
    }
}
