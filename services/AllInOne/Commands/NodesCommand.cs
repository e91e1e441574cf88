using System.CommandLine;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>nodes</c>: the platform's processes that announce themselves.</summary>
internal static class NodesCommand
{
    public static Command Build()
    {
        var command = new Command("nodes", "List workers and media nodes with their load.") { RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(new Installation(parsed.GetValue(RunCommand.Data)!.FullName));
            IReadOnlyList<NodeDto> nodes = (await api.GetAsync<Page<NodeDto>>("nodes", cancel)).Items;
            var table = new TextTable("Name", "Kind", "Address", "Legs", "State");
            foreach (NodeDto node in nodes)
            {
                string legs = node.Legs is { } standing ? node.Capacity is { } most ? $"{standing} of {most}" : $"{standing}" : "";
                table.Add(node.Id, node.Kind == NodeKind.Media ? "media" : "worker", node.Address, legs, node.Draining ? "draining" : "");
            }
            table.WriteTo(Console.Out);
            return 0;
        });
        return command;
    }
}
