using CloudPbx.Fuzz;
using SharpFuzz;

// CloudPbx.Fuzz TARGET               under libFuzzer (libfuzzer-dotnet), with the assembly instrumented by SharpFuzz
// CloudPbx.Fuzz TARGET FILE…         runs each file once: to look at what was found
// CloudPbx.Fuzz TARGET --rounds N    mutates the target's own seeds N times: no tools needed
if (args.Length == 0 || FuzzTarget.Find(args[0]) is not { } target)
{
    await Console.Error.WriteLineAsync($"Usage: CloudPbx.Fuzz TARGET [FILE… | --rounds N]; targets: {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}");
    return 1;
}
if (args is [_, "--rounds", var number] && int.TryParse(number, out int rounds))
{
    Mutator.Run(target, rounds, seed: Environment.TickCount);
}
else if (args.Length > 1)
{
    foreach (string file in args[1..])
        target.Run(await File.ReadAllBytesAsync(file));
}
else
{
    Fuzzer.LibFuzzer.Run(octets => target.Run(octets));
}
return 0;
