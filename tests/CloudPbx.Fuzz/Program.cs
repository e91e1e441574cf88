using CloudPbx.Fuzz;
using SharpFuzz;

// Exit codes: 0 nothing found, 1 something found, 2 wrong usage.
if (args.Length == 0 || args is ["--rounds", _])
    return Mutator.Run(FuzzTarget.All, Rounds(args));
if (args is ["--libfuzzer", var instrumented] && FuzzTarget.Find(instrumented) is { } guided)
{
    Fuzzer.LibFuzzer.Run(octets => guided.Run(octets));
    return 0;
}
if (FuzzTarget.Find(args[0]) is not { } target)
{
    Console.WriteLine(
        $"""
        usage: ./pbx fuzz [TARGET] [--rounds N]    mutate good inputs, of one target or of all in turn, N times or until one is found that throws
               ./pbx fuzz TARGET FILE…             run files once: to look at what was found
               ./pbx fuzz --libfuzzer TARGET       under libfuzzer-dotnet, with the assemblies instrumented by SharpFuzz
        targets: {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}
        """);
    return args[0] is "--help" or "-h" ? 0 : 2;
}
if (args.Length == 1 || args[1] == "--rounds")
    return Mutator.Run([target], Rounds(args[1..]));
foreach (string file in args[1..])
    target.Run(await File.ReadAllBytesAsync(file));
return 0;

static long Rounds(string[] options) => options is ["--rounds", var number] && long.TryParse(number, out long rounds) ? rounds : long.MaxValue;
