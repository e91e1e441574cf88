using System.CommandLine;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>nodes</c>: the platform's processes that announce themselves.</summary>
internal static class NodesCommand
{
    public static Command Build()
    {
        var command = new Command("nodes", "List edges, workers and media nodes with their load.") { RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            IReadOnlyList<NodeDto> nodes = (await api.GetAsync<Page<NodeDto>>("nodes", cancel)).Items;
            var table = new TextTable("Name", "Kind", "Address", "Load", "State");
            foreach (NodeDto node in nodes)
            {
                table.Add(node.Id, node.Kind.ToString().ToLowerInvariant(), node.Address, Load(node), node.Draining ? "draining" : "");
            }
            table.WriteTo(Console.Out);
            return 0;
        });
        return command;
    }

    private static string Load(NodeDto node) => node.Kind switch
    {
        NodeKind.Edge => $"{node.Connections} connections",
        NodeKind.Worker => $"{node.Tenants} tenants, {node.Calls} calls, {node.Registrations} phones, {node.QueueDelayMilliseconds} ms queue",
        _ => node.Capacity is { } most ? $"{node.Legs} of {most} legs" : $"{node.Legs} legs",
    };
}
